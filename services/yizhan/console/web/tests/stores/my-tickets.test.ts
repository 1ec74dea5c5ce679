/** The count of one's own tickets in the rail: when it is read, how often, and what calls the agent. */

import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Ticket } from '@/api/types'
import { useTicketList } from '@/pages/tickets/list'
import { emptyFilter } from '@/pages/tickets/filter'
import { i18n } from '@/i18n'
import { useAlerts } from '@/stores/alerts'
import { useLive } from '@/stores/live'
import { GATHER_MS, lateAt, RETRY_MS, useMyTickets } from '@/stores/my-tickets'
import { useSession } from '@/stores/session'
import { fakeGateway, freshPinia, settle, type FakeGateway } from '../mount'
import { NOW, ticket } from '../pages/tickets/ticket'

let gateway: FakeGateway
let items: Ticket[]
let next: string | null
let away: boolean
let said: () => unknown[]

beforeEach(() => {
  freshPinia()
  items = []
  next = null
  away = false
  i18n.global.locale.value = 'zh-CN'
  gateway = fakeGateway({ searchTickets: () => (away ? Promise.reject(new Error('away')) : Promise.resolve({ items, next })), countTickets: () => Promise.resolve({ count: 77 }) })
  useSession().enter({ user: { id: 'me', name: 'me', username: 'me', roles: ['agent'] }, csrf: 'c' })
  const notify = vi.spyOn(useAlerts(), 'notify')
  said = () => notify.mock.calls.map(([words]) => words)
})

const reads = () => gateway.calls.filter((call) => call.name === 'searchTickets').length
const hint = (change: object) => gateway.sockets.at(-1)?.says({ type: 'ticket', ticket: { id: 't1', number: 'T000001', agent_id: 'me', before_agent_id: 'me', by_id: 'sue', ...change } })

async function start() {
  const mine = useMyTickets()
  useLive().start(() => undefined)
  gateway.sockets[0]?.says({ type: 'hello' })
  mine.start()
  await settle()
  return mine
}

async function pass(ms: number): Promise<void> {
  gateway.timers.pass(ms)
  await settle()
}

test('shows how many are mine, and how many of them are late', async () => {
  items = [ticket({ id: 'a' }), ticket({ id: 'b', overdue: true })]
  const mine = await start()
  expect([mine.count, mine.overdue]).toEqual([2, 1])
})

test('more than a page are counted', async () => {
  items = [ticket()]
  next = 'p2'
  expect((await start()).count).toBe(77)
})

test('a hundred changes at once are one reading', async () => {
  const mine = await start()
  for (let n = 0; n < 100; n += 1) hint({ id: `t${n}` })
  await pass(GATHER_MS)
  expect(reads()).toBe(2)
  expect(mine.news.ids?.size).toBe(100)
})

test('tickets of others are no reason to read mine, but pages hear of them', async () => {
  const mine = await start()
  hint({ id: 't9', agent_id: 'bob', before_agent_id: null })
  await pass(GATHER_MS)
  expect(reads()).toBe(1)
  expect([...(mine.news.ids ?? [])]).toEqual(['t9'])
})

test('one that was taken from me is', async () => {
  await start()
  hint({ agent_id: 'bob', before_agent_id: 'me' })
  await pass(GATHER_MS)
  expect(reads()).toBe(2)
})

test('after hints were lost everything may have changed', async () => {
  const mine = await start()
  hint({})
  gateway.sockets[0]?.says({ type: 'gap' })
  await pass(GATHER_MS)
  expect(mine.news.ids).toBeNull()
  expect(reads()).toBe(2)
})

test('nothing is polled: without frames and deadlines nothing is read', async () => {
  await start()
  await pass(3_600_000)
  expect(reads()).toBe(1)
})

test('somebody gives me a ticket: I am told, and not of what I took myself', async () => {
  await start()
  hint({ before_agent_id: null, by_id: 'me' })
  hint({ number: 'T000002', before_agent_id: 'bob' })
  expect(said()).toEqual(['工单 T000002 分给了你'])
})

test('a ticket becomes late: it is read when its time has come, and I am told once', async () => {
  items = [ticket({ response_due: new Date(Date.now() + 60_000).toISOString() })]
  const mine = await start()
  await pass(50_000)
  expect(reads()).toBe(1)
  items = [{ ...(items[0] as Ticket), overdue: true }]
  await pass(12_000)
  expect([reads(), mine.overdue]).toEqual([2, 1])
  hint({})
  await pass(GATHER_MS)
  expect(said()).toEqual(['工单 T000001 已超时'])
})

test('nobody is called for what was late when they came', async () => {
  items = [ticket({ overdue: true })]
  await start()
  hint({})
  await pass(GATHER_MS)
  expect(said()).toEqual([])
})

test('a failed reading is tried again later, and the count stays', async () => {
  items = [ticket()]
  const mine = await start()
  away = true
  items = []
  hint({})
  await pass(GATHER_MS)
  expect(mine.count).toBe(1)
  away = false
  await pass(RETRY_MS)
  expect(mine.count).toBe(0)
})

test('after signing out nothing is read', async () => {
  const mine = await start()
  hint({})
  mine.stop()
  await pass(3_600_000)
  expect(reads()).toBe(1)
})

describe('when a ticket becomes late', () => {
  test.each([
    ['its answer is due first', {}, '2026-11-22T06:30:00Z'],
    ['answered: its solution', { first_response_at: '2026-11-22T05:00:00Z' }, '2026-11-23T04:00:00Z'],
    ['resting: its answer alone', { paused_at: '2026-11-22T05:00:00Z' }, '2026-11-22T06:30:00Z'],
  ] as [string, Partial<Ticket>, string][])('%s', (_, change, at) => {
    expect(lateAt(ticket(change), NOW)).toBe(Date.parse(at))
  })

  test('answered and resting: never', () => {
    expect(lateAt(ticket({ first_response_at: 'x', paused_at: 'x' }), NOW)).toBe(Infinity)
  })
})

describe('the list on the page', () => {
  test('is read anew in place, and keeps what was loaded after its first page', async () => {
    const pages: Record<string, { items: Ticket[]; next: string | null }> = {
      '': { items: [ticket({ id: 'a' }), ticket({ id: 'b' })], next: 'p2' },
      p2: { items: [ticket({ id: 'c' })], next: null },
    }
    fakeGateway({ searchTickets: (_filter, _sort, cursor) => Promise.resolve(pages[cursor ?? ''] as never), countTickets: () => Promise.resolve({ count: 3 }) })
    const list = useTicketList()
    await list.load(emptyFilter(), 'due')
    await list.more()
    pages[''] = { items: [ticket({ id: 'z' }), ticket({ id: 'a', status: 'pending' })], next: 'p2' }
    await list.refresh()
    expect(list.items.value.map((one) => [one.id, one.status])).toEqual([['z', 'open'], ['a', 'pending'], ['c', 'open']])
  })
})
