/** Beside the conversation: the call that its customer was promised, for whoever has it. */

import { expect, test } from 'vitest'
import type { ConversationState } from '@/api/types'
import PromisedCall from '@/pages/inbox/PromisedCall.vue'
import { fakeGateway, freshPinia, mount, settle } from '../../mount'
import { conversation } from '../../live/fakes'
import { ticket } from '../tickets/ticket'

const owed = ticket({ callback: { at: '2026-11-22T07:00:00Z', state: 'taken', late: false, tries: 0 }, contact: { phone: '138****5678' } })

async function open(state: ConversationState) {
  const gateway = fakeGateway({
    searchTickets: () => Promise.resolve({ items: [owed], next: null }),
    ticket: (() => ({ ticket: { ...owed, contact: { phone: '13812345678' } } })) as never,
    recordCall: (() => ({ ticket: { ...owed, callback: { ...owed.callback, state: 'done' } } })) as never,
  })
  const page = mount(PromisedCall, { conversation: { ...conversation('c1'), state } }, freshPinia())
  await settle()
  return { gateway, page }
}

test('the agent who has the customer sees the whole number and says what came of the call', async () => {
  const { page } = await open('assigned')
  expect(page.find('call-phone').textContent).toBe('13812345678')
  page.find('call-reached').click()
  await settle()
  expect(page.find('call-state').textContent).toBe('已联系上')
  expect(page.maybe('call-reached')).toBeNull()
})

test.each<ConversationState>(['bot', 'queued', 'closed'])('of a conversation that is %s nothing is asked', async (state) => {
  const { gateway, page } = await open(state)
  expect(gateway.calls).toEqual([])
  expect(page.maybe('promised-call')).toBeNull()
})
