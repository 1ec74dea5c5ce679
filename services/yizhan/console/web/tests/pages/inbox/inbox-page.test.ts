/** The keyboard and the side panel of the inbox, while one writes a reply. */

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Pinia } from 'pinia'
import type { Conversation, Message } from '@/api/types'
import InboxPage from '@/pages/inbox/InboxPage.vue'
import { forgetDrafts } from '@/stores/drafts'
import { useInbox } from '@/stores/inbox'
import { useSession } from '@/stores/session'
import { useWorkspace } from '@/stores/workspace'
import { conversation, message } from '../../live/fakes'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

const me = { id: 'me', name: 'Me' }
const answer = { entry_id: 'ship', question: '什么时候发货', text: '48小时内发货。', score: 0.9, category: '', attachments: [] }

let pinia: Pinia
let gateway: FakeGateway
let page: Mounted
let mine: boolean

function open(): Conversation {
  return conversation('a', { state: 'assigned', epoch: 3, agent: mine ? me : { id: 'else', name: '小林' }, last_seq: 1 })
}

async function show(width: 'wide' | 'narrow' = 'wide'): Promise<void> {
  vi.spyOn(window, 'matchMedia').mockImplementation((query) => Object.assign(new EventTarget(), { matches: width === 'wide', media: query }) as never)
  useSession().enter({ user: { ...me, username: 'me', roles: ['agent'] }, csrf: 'c' })
  useWorkspace().start()
  await settle()
  gateway.sockets.at(-1)?.says({ type: 'hello' })
  page = mount(InboxPage, {}, pinia)
  void useInbox().show('a')
  await settle()
  gateway.timers.pass(1_000)
  await settle()
}

function press(code: string, change: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { code, key: code.slice(-1).toLowerCase(), altKey: true, bubbles: true, cancelable: true, ...change })
  ;(document.activeElement ?? document.body).dispatchEvent(event)
  return event
}

const asked = () => gateway.calls.filter((call) => call.name === 'suggestions').length
const field = () => page.find<HTMLTextAreaElement>('composer-input')

beforeEach(() => {
  pinia = freshPinia()
  mine = true
  const transcript: Message[] = [message(1)]
  gateway = fakeGateway({
    conversations: (() => ({ items: [open()], next: null })) as never,
    conversation: (() => ({ conversation: open(), can: { say: mine, close: mine, return: mine, accept: false } })) as never,
    messages: (() => ({ messages: transcript, head: 1, more: false })) as never,
    offers: (() => ({ items: [] })) as never,
    presence: (() => ({ state: 'online' })) as never,
    suggestions: (() => ({ items: [answer], message_id: 'm1', release_id: 'r' })) as never,
    typing: (() => undefined) as never,
  })
})

afterEach(() => {
  page.app.unmount()
  useWorkspace().end(false)
  forgetDrafts()
  vi.restoreAllMocks()
})

test('Alt and a number puts that answer into the reply box, also while one types', async () => {
  await show()
  field().focus()
  expect(press('Digit1').defaultPrevented).toBe(true)
  await settle()
  expect(field().value).toBe('48小时内发货。')
})

test('a number without an answer does nothing', async () => {
  await show()
  press('Digit3')
  await settle()
  expect(field().value).toBe('')
})

test.each([{ ctrlKey: true }, { shiftKey: true }, { altKey: false }])('other keys stay what they are: %j', async (change) => {
  await show()
  field().focus()
  expect(press('Digit1', change).defaultPrevented).toBe(false)
  await settle()
  expect(field().value).toBe('')
})

test('Alt and K leads to the search', async () => {
  await show()
  press('KeyK')
  await settle()
  expect(document.activeElement).toBe(page.find('find-input'))
})

test('where the panel is not in sight, it is shown first; taking an answer gives the room back', async () => {
  await show('narrow')
  expect(page.maybe('side-panel')).toBeNull()
  expect(page.find('composer-answers').textContent).toContain('1')
  press('Digit1')
  await settle()
  expect(field().value).toBe('')
  page.find('answer-insert').click()
  await settle()
  expect(field().value).toBe('48小时内发货。')
  expect(page.maybe('side-panel')).toBeNull()
})

test('whoever does not have the conversation is asked and shown nothing', async () => {
  mine = false
  await show()
  expect(page.find('customer-card')).toBeTruthy()
  expect(page.maybe('answers-panel')).toBeNull()
  expect(asked()).toBe(0)
  expect(press('KeyK').defaultPrevented).toBe(false)
})

test('the customer’s next words bring the next answers', async () => {
  await show()
  expect(asked()).toBe(1)
  gateway.sockets.at(-1)?.says({ type: 'message', conversation_id: 'a', message: message(2) })
  await settle()
  gateway.timers.pass(1_000)
  await settle()
  expect(asked()).toBe(2)
})
