/** What a row of the inbox tells at a glance: how much is unread, and how long somebody has waited. */

import { beforeEach, expect, test, vi } from 'vitest'
import type { Pinia } from 'pinia'
import type { Conversation, Offer } from '@/api/types'
import ConversationRow from '@/pages/inbox/ConversationRow.vue'
import { useSeen } from '@/stores/seen'
import { conversation, message } from '../../live/fakes'
import { fakeGateway, freshPinia, mount, settle, type Mounted } from '../../mount'

let pinia: Pinia
const NOW = Date.UTC(2026, 10, 22, 9, 1, 30)

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  pinia = freshPinia()
  fakeGateway({})
  return () => vi.useRealTimers()
})

function show(change: Partial<Conversation>, props: Record<string, unknown> = {}): Mounted {
  return mount(ConversationRow, { conversation: conversation('a', { state: 'assigned', ...change }), box: 'mine', open: false, mine: true, unread: false, typing: false, ...props }, pinia)
}

test('who waits for an answer is counted up', async () => {
  const page = show({ last_author: 'customer', last_message_at: '2026-11-22T09:00:00.000Z' })
  await settle()
  expect(page.find('row-waiting').textContent).toBe('客户等待 1 分 30 秒')
  vi.advanceTimersByTime(2_000)
  await settle()
  expect(page.find('row-waiting').textContent).toBe('客户等待 1 分 32 秒')
})

test('who was answered does not wait', async () => {
  const page = show({ last_author: 'agent', last_message_at: '2026-11-22T09:00:00.000Z' })
  await settle()
  expect(page.maybe('row-waiting')).toBeNull()
})

test('an offer counts down wherever its conversation is listed', async () => {
  const offer = { id: 'o', conversation_id: 'a', expires_at: new Date(NOW + 12_000).toISOString() } as Offer
  const page = show({ state: 'offered' }, { box: 'queued', mine: false, offer })
  await settle()
  expect(page.find('row-accept').textContent).toContain('12 秒')
})

test.each([
  ['what came since one read', 1, 2],
  ['nothing of one’s own', 3, 0],
])('unread is %s', (_, read, wanted) => {
  const seen = useSeen()
  seen.start('me')
  seen.mark('a', read)
  const messages = [message(1), message(2), message(3), message(4, 'agent')]
  expect(seen.count(conversation('a', { last_seq: 4 }), messages)).toBe(wanted)
})

test('what is not loaded is not counted, only marked', async () => {
  const seen = useSeen()
  seen.start('me')
  seen.mark('a', 1)
  expect(seen.count(conversation('a', { last_seq: 9 }), [message(8), message(9)])).toBeNull()
  const page = show({}, { unread: true, unreadCount: null })
  await settle()
  expect(page.find('unread').textContent).toContain('未读')
})
