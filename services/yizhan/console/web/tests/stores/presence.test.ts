import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
import type { Presence } from '@/api/types'
import { installGateway, type Gateway } from '@/gateway'
import { usePresence } from '@/stores/presence'

let answer: (said: Presence) => void
let confirm: () => void

beforeEach(() => {
  setActivePinia(createPinia())
  const api = {
    presence: () => new Promise<{ state: Presence }>((resolve) => (answer = (state) => resolve({ state }))),
    setPresence: (state: Presence) => new Promise<{ state: Presence }>((resolve) => (confirm = () => resolve({ state }))),
  }
  installGateway({ api } as unknown as Gateway)
})

test('what the gateway says is shown', async () => {
  const presence = usePresence()
  const asked = presence.refresh()
  answer('away')
  await asked
  expect(presence.state).toBe('away')
})

test('an answer from before a choice does not undo the choice', async () => {
  const presence = usePresence()
  const asked = presence.refresh()
  const chosen = presence.set('online')
  answer('offline')
  await asked
  confirm()
  await chosen
  expect(presence.state).toBe('online')
})

test('an answer to a question that was asked while a choice was on its way does not undo the choice', async () => {
  const presence = usePresence()
  const chosen = presence.set('online')
  const asked = presence.refresh()
  confirm()
  await chosen
  answer('offline')
  await asked
  expect(presence.state).toBe('online')
})
