import { afterEach, describe, expect, test } from 'vitest'
import type { Endpoints } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import type { ConversationState, Person, Role, TicketReplies as Found, TicketReply } from '@/api/types'
import { i18n } from '@/i18n'
import { GATHER_MS } from '@/pages/tickets/replies'
import { standing } from '@/pages/tickets/replying'
import TicketHistory from '@/pages/tickets/TicketHistory.vue'
import TicketRepliesSection from '@/pages/tickets/TicketReplies.vue'
import { useInbox } from '@/stores/inbox'
import { useLive } from '@/stores/live'
import { useSession } from '@/stores/session'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'
import { details, ticket } from './ticket'

let mounted: Mounted | undefined
let gateway: FakeGateway

afterEach(() => {
  mounted?.app.unmount()
  mounted = undefined
})

const colleague = { id: 'u2', name: '小雅' }

function reply(change: Partial<TicketReply> = {}): TicketReply {
  return { id: 'r1', ticket_id: 't1', at: '2026-11-22T05:00:00Z', author: { id: 'me', name: '小林' }, text: '已为您补发', state: 'delivered', reason: '', fallback: '', ...change }
}

function there(state: ConversationState, agent: Person | null = null, replies: TicketReply[] = []): Found {
  return { replies, conversation: { id: 'c1', channel: 'wechat', state, agent, reply_window: null } }
}

async function shown(found: Found | (() => Found), answers: Partial<Endpoints> = {}, props: Record<string, unknown> = {}, roles: Role[] = ['agent']) {
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  gateway = fakeGateway({ ticketReplies: () => Promise.resolve(typeof found === 'function' ? found() : found), ...answers })
  useSession(pinia).enter({ user: { id: 'me', username: 'u', name: '小林', roles }, csrf: '' })
  return again(pinia, props)
}

async function again(pinia = freshPinia(), props: Record<string, unknown> = {}) {
  mounted = mount(TicketRepliesSection, { details: details(ticket()), locked: false, taking: false, ...props }, pinia)
  await settle()
  return { pinia, ...mounted }
}

async function write(words: string) {
  const field = mounted!.find<HTMLTextAreaElement>('reply-input')
  field.value = words
  field.dispatchEvent(new Event('input'))
  await settle()
  return field
}

const press = async (key: string, more: KeyboardEventInit = {}) => {
  mounted!.find('reply-input').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
  await settle()
}

const named = (name: string) => gateway.calls.filter((call) => call.name === name)

describe('whether a reply is possible', () => {
  test.each<[string, Found | null, string]>([
    ['nothing is known yet', null, 'free unknown'],
    ['the assistant has the customer', there('bot'), 'free bot'],
    ['the assistant, while the ticket waits', there('ticketed'), 'free ticketed'],
    ['nobody talks', there('closed'), 'free closed'],
    ['it is one’s own conversation', there('assigned', { id: 'me', name: '' }), 'free mine'],
    ['a colleague has it', there('assigned', colleague), 'blocked other 小雅'],
    ['the customer waits', there('queued'), 'blocked waits '],
    ['it is offered to somebody', there('offered'), 'blocked waits '],
    ['the conversation is gone', { replies: [], conversation: null }, 'blocked gone '],
  ])('%s', (_, found, expected) => {
    expect(Object.values(standing(ticket(), found, 'me')).join(' ')).toBe(expected)
  })

  test('not on a closed ticket, whoever has the customer', () => {
    expect(standing(ticket({ status: 'closed' }), there('bot'), 'me')).toMatchObject({ state: 'blocked', by: 'ticketClosed' })
  })
})

describe('replying', () => {
  test('says it once however often it is tried, keeps it over a reload, and shows it at once', async () => {
    let fail = true
    const { pinia, find } = await shown(there('bot'), {
      replyToTicket: (_, given) => (fail ? Promise.reject(new Problem('timeout')) : Promise.resolve({ reply: reply({ text: given.text, state: 'sending' }) })),
    })
    expect(find('reply-standing').textContent).toContain('仍由机器人接待')
    await write('已为您补发')
    await press('Enter')
    expect(named('replyToTicket'), 'Enter alone is a new line').toHaveLength(0)
    await press('Enter', { ctrlKey: true })
    expect(mounted!.root.textContent).toContain('回复没有发出')
    mounted!.app.unmount()
    await again(pinia)
    expect(mounted!.find<HTMLTextAreaElement>('reply-input').value).toBe('已为您补发')
    fail = false
    await press('Enter', { ctrlKey: true })
    const [first, second] = named('replyToTicket').map((call) => call.args)
    expect(second).toEqual(first)
    expect(mounted!.find<HTMLTextAreaElement>('reply-input').value).toBe('')
    expect(mounted!.find('reply-state').textContent).toBe('正在发送')
    await write('再说一句')
    await press('Enter', { ctrlKey: true })
    const ids = named('replyToTicket').map((call) => (call.args[1] as { client_id: string }).client_id)
    expect(new Set(ids).size, 'other words are another reply').toBe(2)
  })

  test('what was changed after a try without an answer is another reply', async () => {
    await shown(there('bot'), { replyToTicket: () => Promise.reject(new Problem('timeout')) })
    await write('一')
    await press('Enter', { ctrlKey: true })
    await write('二')
    await press('Enter', { ctrlKey: true })
    const ids = named('replyToTicket').map((call) => (call.args[1] as { client_id: string }).client_id)
    expect(new Set(ids).size).toBe(2)
  })

  test.each<[string, Found, string, string | null]>([
    ['a colleague has the customer', there('assigned', colleague), '小雅 正在接待', 'reply-open'],
    ['the customer waits for a person', there('queued'), '正在等人工', 'reply-take'],
  ])('is not possible while %s: the words stay, and the way is shown', async (_, found, words, way) => {
    const taken: unknown[] = []
    const { find } = await shown(found, {}, { onTake: () => taken.push(1) })
    await write('写到一半')
    await press('Enter', { ctrlKey: true })
    expect(named('replyToTicket')).toHaveLength(0)
    expect(find('reply-blocked').textContent).toContain(words)
    expect(find<HTMLButtonElement>('reply-send').disabled).toBe(true)
    if (way) find(way).click()
    expect(taken).toHaveLength(way === 'reply-take' ? 1 : 0)
    expect(find<HTMLTextAreaElement>('reply-input').value).toBe('写到一半')
  })

  test('somebody who takes the customer meanwhile is seen without a reload', async () => {
    let found = there('bot')
    const { pinia, maybe, find } = await shown(() => found)
    expect(maybe('reply-blocked')).toBeNull()
    useLive(pinia).start(() => undefined)
    gateway.sockets[0]?.onopen?.()
    gateway.sockets[0]?.says({ type: 'hello' })
    found = there('assigned', colleague)
    gateway.sockets[0]?.says({ type: 'conversation', conversation: { id: 'c1', state: 'assigned' } })
    gateway.timers.pass(GATHER_MS)
    await settle()
    expect(find('reply-blocked').textContent).toContain('小雅')
    expect(useInbox(pinia).besideId, 'receipts of the conversation are wanted').toBe('c1')
    mounted!.app.unmount()
    expect(useInbox(pinia).besideId).toBeNull()
  })

  test('how far each got is told with its reason, and what was refused can be taken up again', async () => {
    const items = [
      reply({ id: 'a', state: 'held', reason: 'window_closed' }),
      reply({ id: 'b', state: 'failed', reason: 'blocked_by_customer' }),
      reply({ id: 'c', state: 'refused', reason: 'conversation_taken', text: '这句没说成' }),
      reply({ id: 'd', state: 'read' }),
    ]
    const { root, find } = await shown(there('bot', null, items))
    const lines = [...root.querySelectorAll('[data-testid=ticket-reply]')].map((line) => line.textContent ?? '')
    expect(lines[0]).toContain('等客户下次发言时送出')
    expect(lines[1]).toContain('发送失败')
    expect(lines[2]).toContain('这个会话正由其他坐席接待')
    expect(lines[3]).toContain('已读')
    find('reply-again').click()
    await settle()
    expect(find<HTMLTextAreaElement>('reply-input').value).toBe('这句没说成')
  })

  test('a closed window is told before anything is sent', async () => {
    const found = there('bot')
    found.conversation!.reply_window = { until: '2020-01-01T00:00:00Z', left: null }
    const { find } = await shown(found)
    expect(find('reply-window').getAttribute('role')).toBe('alert')
  })

  test('canned replies are found by a slash, and a blank is not sent', async () => {
    const canned = { id: 'k', shared: true, title: '补发', shortcut: '/bf', folder: '', language: 'zh', text: '', rendered: '单号【单号】已补发', blanks: ['【单号】'], revision: 1 }
    const { find } = await shown(there('closed'), { searchReplies: () => Promise.resolve({ items: [canned] }) as never, useReply: () => Promise.resolve() as never })
    await write('/补')
    await new Promise((done) => setTimeout(done, 150))
    await settle()
    await press('Enter')
    const field = find<HTMLTextAreaElement>('reply-input')
    expect(field.value).toBe('单号【单号】已补发')
    await press('Enter', { ctrlKey: true })
    expect(named('replyToTicket')).toHaveLength(0)
    expect(find('reply-unfilled').getAttribute('role')).toBe('alert')
  })

  test('what cannot be read says so and is read again', async () => {
    let fail = true
    const { root } = await shown(() => {
      if (fail) throw new Problem('offline')
      return there('bot')
    })
    expect(root.textContent).toContain('回复没有加载成功')
    fail = false
    root.querySelector<HTMLElement>('[role=alert] button')?.click()
    await settle()
    expect(root.textContent).not.toContain('没有加载成功')
  })
})

test('history tells of replies in words', async () => {
  const by = { id: 'me', name: '小林', role: 'agent' as const }
  const line = (id: string, kind: 'replied' | 'reply_held' | 'reply_unsaid', after: string) => ({ id, at: '2026-11-22T05:00:00Z', by, kind, before: '', after, note_id: null })
  const pinia = freshPinia()
  fakeGateway({ agents: () => Promise.resolve({ items: [] }), groups: () => Promise.resolve({ items: [] }) })
  mounted = mount(TicketHistory, { events: [line('1', 'replied', '已补发'), line('2', 'reply_held', 'quota_spent'), line('3', 'reply_unsaid', 'customer_waits')] }, pinia)
  await settle()
  const lines = [...mounted.root.querySelectorAll('[data-testid=ticket-event]')].map((one) => one.textContent ?? '')
  expect(lines[2]).toContain('回复了客户：已补发')
  expect(lines[1]).toContain('回复条数已用完')
  expect(lines[0]).toContain('客户正在等人工')
})
