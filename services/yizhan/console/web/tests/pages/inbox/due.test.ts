/** What an agent owes, on the row: how long is left by the gateway's time, in colour and in words; and the order by it. */

import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Pinia } from 'pinia'
import type { AnswerDue, Conversation } from '@/api/types'
import { withHint, withSnapshot } from '@/live/boxes'
import { byUrgency, owed } from '@/live/answer-due'
import ConversationRow from '@/pages/inbox/ConversationRow.vue'
import { concernsBoard } from '@/stores/board'
import { conversation } from '../../live/fakes'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

const NOW = Date.UTC(2026, 10, 23, 2, 0, 0)
let pinia: Pinia
let gateway: FakeGateway
let page: Mounted | undefined

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  pinia = freshPinia()
  gateway = fakeGateway({})
  return () => {
    page?.app.unmount()
    page = undefined
    vi.useRealTimers()
  }
})

/** Seconds from now. */
function due(in_s: number, risk_s = in_s - 20, clock: AnswerDue['clock'] = 'agent_next_response'): AnswerDue {
  const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString()
  return { clock, since: at(-60), risk_at: at(risk_s), due_at: at(in_s) }
}

function serving(id: string, answer: AnswerDue | null | undefined, change: Partial<Conversation> = {}): Conversation {
  return conversation(id, { state: 'assigned', epoch: 3, last_author: 'customer', last_message_at: new Date(NOW - 60_000).toISOString(), answer, ...change })
}

async function show(its: Conversation): Promise<Mounted> {
  page = mount(ConversationRow, { conversation: its, box: 'mine', open: false, mine: true, unread: false, typing: false }, pinia)
  await settle()
  return page
}

const shown = (page: Mounted) => [page.find('row-due').dataset['urgency'], page.find('row-due').textContent, [...page.find('row-due').classList].find((name) => name === 'warn' || name === 'bad') ?? '']

test.each([
  ['there is time', due(95), ['calm', '请回复：1 分 35 秒内', '']],
  ['the first words are due', due(95, 40, 'agent_first_response'), ['calm', '首次回复：1 分 35 秒内', '']],
  ['it is at risk', due(12), ['risk', '即将超时，请回复：12 秒内', 'warn']],
  ['it is due this second', due(0), ['over', '已超时 0 秒', 'bad']],
  ['it is overdue', due(-75), ['over', '已超时 1 分 15 秒', 'bad']],
])('%s', async (_, answer, wanted) => {
  expect(shown(await show(serving('a', answer)))).toEqual(wanted)
})

test('it counts down, and turns', async () => {
  const page = await show(serving('a', due(22)))
  vi.advanceTimersByTime(3_000)
  await settle()
  expect(shown(page)[0]).toBe('risk')
  vi.advanceTimersByTime(20_000)
  await settle()
  expect(shown(page)).toEqual(['over', '已超时 1 秒', 'bad'])
})

test('over lunch or the night the moment is said', async () => {
  const page = await show(serving('a', due(26 * 3600)))
  expect(page.find('row-due').textContent).toContain('明天')
})

test('a computer whose clock is wrong shows the gateway’s time', async () => {
  vi.setSystemTime(NOW + 3_600_000)
  gateway.clock.heard(new Date(NOW - 500))
  expect(shown(await show(serving('a', due(95))))[1]).toBe('请回复：1 分 35 秒内')
})

test.each([
  ['nothing is owed: how long the customer waits is shown as before', null, 'assigned'],
  ['the gateway does not know', undefined, 'assigned'],
] as const)('%s', async (_, answer, state) => {
  const page = await show(serving('a', answer, { state }))
  expect(page.maybe('row-due')).toBeNull()
  expect(page.find('row-waiting').textContent).toContain('客户等待')
})

test('a conversation that nobody serves owes nothing', () => {
  expect(owed(serving('a', due(-5), { state: 'closed' }), NOW)).toBeNull()
})

test('the most urgent is first, who owes nothing keeps their order', () => {
  const rows = [serving('none', null), serving('later', due(90)), serving('over', due(-5)), serving('unknown', undefined), serving('soon', due(10))]
  expect(byUrgency(rows).map((one) => one.id)).toEqual(['over', 'soon', 'later', 'none', 'unknown'])
})

describe('what frames and pages tell', () => {
  const answer = due(60)

  test('a frame that says nothing of it changes nothing', () => {
    expect(withHint(serving('a', answer), { id: 'a', last_seq: 9 }).answer).toEqual(answer)
  })

  test('a frame takes it away', () => {
    expect(withHint(serving('a', answer), { id: 'a', answer: null }).answer).toBeNull()
  })

  test('a page that was overtaken by a frame does not bring it back', () => {
    expect(withSnapshot(serving('a', null), serving('a', answer), false, true).answer).toBeNull()
    expect(withSnapshot(serving('a', null), serving('a', answer)).answer).toEqual(answer)
  })

  test('a page without it, as routing could not be asked, keeps what is known', () => {
    expect(withSnapshot(serving('a', answer), serving('a', undefined)).answer).toEqual(answer)
  })

  test('the board is read again', () => {
    expect(concernsBoard({ type: 'conversation', conversation: { id: 'a', answer } })).toBe(true)
    expect(concernsBoard({ type: 'conversation', conversation: { id: 'a', last_seq: 4 } })).toBe(false)
  })
})
