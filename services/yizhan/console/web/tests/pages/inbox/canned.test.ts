/** Canned replies at the reply box: found and filled in by keyboard, and no blank goes out unnoticed. */

import { beforeEach, expect, test, vi } from 'vitest'
import type { Pinia } from 'pinia'
import type { FoundReply } from '@/api/replies'
import MessageComposer from '@/pages/inbox/MessageComposer.vue'
import { nextBlank, wanted } from '@/pages/inbox/canned/picker'
import { matching, wrongIn } from '@/pages/replies/form'
import { forgetDrafts } from '@/stores/drafts'
import { usePending } from '@/stores/pending'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

function reply(id: string, change: Partial<FoundReply> = {}): FoundReply {
  return { id, shared: true, title: id, shortcut: `/${id}`, folder: '', language: '', text: id, revision: 1, uses: 0, updated_at: '', updated_by: '', rendered: `${id} words`, missing: [], blanks: [], ...change }
}

let pinia: Pinia
let gateway: FakeGateway
let page: Mounted
let found: FoundReply[]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  pinia = freshPinia()
  forgetDrafts()
  found = [reply('one'), reply('two', { rendered: '订单【订单号】已发出，【客户姓名】', missing: ['order_number', 'customer_name'], blanks: ['【订单号】', '【客户姓名】'] })]
  gateway = fakeGateway({
    say: (() => ({ message_id: 'm' })) as never,
    typing: (() => undefined) as never,
    searchReplies: (() => ({ items: found })) as never,
    useReply: (() => undefined) as never,
  })
  usePending().start('me', () => undefined)
  page = mount(MessageComposer, { conversationId: 'a', epoch: 3, blocked: null }, pinia)
  return () => vi.useRealTimers()
})

const area = () => page.find<HTMLTextAreaElement>('composer-input')

async function type(text: string): Promise<void> {
  area().value = text
  area().dispatchEvent(new Event('input'))
  await settle()
  vi.advanceTimersByTime(200)
  await settle()
}

async function press(key: string): Promise<KeyboardEvent> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
  area().dispatchEvent(event)
  await settle()
  return event
}

const said = () => gateway.calls.filter((call) => call.name === 'say').map((call) => (call.args[1] as { content: { text: string } }).content.text)

test.each([
  ['/', ''],
  ['/tui', 'tui'],
  ['您好 /tui', null],
  ['/a\nb', null],
  ['', null],
])('"%s" looks for %s', (text, query) => expect(wanted(text)).toBe(query))

test('a slash finds, arrows choose, Enter takes, and the use is counted', async () => {
  await type('/o')
  expect(page.find('reply-picker').textContent).toContain('one words')
  await press('ArrowDown')
  await press('ArrowUp')
  await press('Enter')
  expect(area().value).toBe('one words')
  expect(said()).toEqual([])
  expect(gateway.calls.some((call) => call.name === 'useReply' && call.args[0] === 'one')).toBe(true)
  await press('Enter')
  expect(said()).toEqual(['one words'])
})

test('a blank is not sent, is pointed at, and Tab goes from one to the next', async () => {
  await type('/t')
  await press('ArrowDown')
  await press('Enter')
  await press('Enter')
  expect(said()).toEqual([])
  expect(page.find('reply-unfilled').getAttribute('role')).toBe('alert')
  expect(area().value.slice(area().selectionStart, area().selectionEnd)).toBe('【订单号】')
  await press('Tab')
  expect(area().value.slice(area().selectionStart, area().selectionEnd)).toBe('【客户姓名】')
  await type('订单 8812 已发出，王先生')
  await press('Enter')
  expect(said()).toEqual(['订单 8812 已发出，王先生'])
})

test('a blank is noticed after a reload, too', async () => {
  await type('/t')
  await press('ArrowDown')
  await press('Enter')
  page = mount(MessageComposer, { conversationId: 'a', epoch: 3, blocked: null }, pinia)
  await settle()
  await press('Enter')
  expect(said()).toEqual([])
})

test('Escape leaves the words as they stand', async () => {
  await type('/one')
  await press('Escape')
  expect(page.maybe('reply-picker')).toBeNull()
  await press('Enter')
  expect(said()).toEqual(['/one'])
})

test('where nothing is found it is said', async () => {
  found = []
  await type('/zzz')
  expect(page.find('reply-picker').textContent).toContain('没有符合')
})

test('the next blank goes round at the end', () => {
  expect(nextBlank('a【x】b【y】', ['【y】', '【x】'], 2)).toEqual({ start: 5, end: 8 })
  expect(nextBlank('a【x】b【y】', ['【y】', '【x】'], 8)).toEqual({ start: 1, end: 4 })
  expect(nextBlank('a', ['【x】'], 0)).toBeNull()
})

test.each([
  [{ title: ' ' }, { title: 'empty' }],
  [{ text: '' }, { text: 'empty' }],
  [{ text: '字'.repeat(2001) }, { text: 'tooLong' }],
  [{ shortcut: 'a b' }, { shortcut: 'badShortcut' }],
  [{ text: '{agentname} 您好' }, { text: 'unknownVariable' }],
  [{ text: '价格 } 元' }, { text: 'strayBrace' }],
  [{ text: '{{原样}} {agent_name}' }, {}],
])('a canned reply with %o', (change, wrong) => {
  const draft = { title: '标题', text: '内容', shared: false, shortcut: '退款', folder: '', language: '' as const, ...change }
  const told = wrongIn(draft, ['agent_name'])
  expect(Object.fromEntries(Object.entries(told).map(([field, its]) => [field, its.why]))).toEqual(wrong)
})

test('the page finds by all the words, and by whose they are', () => {
  const all = [reply('退款', { text: '三天内退回' }), reply('发货', { shared: false })]
  expect(matching(all, '退 三天', 'all').map((one) => one.id)).toEqual(['退款'])
  expect(matching(all, '', 'own').map((one) => one.id)).toEqual(['发货'])
})
