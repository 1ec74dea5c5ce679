/** The call that a customer was promised: what the agent sees of it, and what they say came of it. */

import { beforeEach, describe, expect, test } from 'vitest'
import type { Pinia } from 'pinia'
import { Problem } from '@/api/problem'
import type { CallOutcome, PromisedCall, Ticket } from '@/api/types'
import { conditions, filterIn, presets, queryOf, sameFilter } from '@/pages/tickets/filter'
import TicketCall from '@/pages/tickets/TicketCall.vue'
import TicketRow from '@/pages/tickets/TicketRow.vue'
import { fakeGateway, freshPinia, mount, settle } from '../../mount'
import { NOW, ticket } from './ticket'

const call = (change: Partial<PromisedCall> = {}): PromisedCall => ({ at: '2026-11-22T07:00:00Z', state: 'taken', late: false, tries: 0, ...change })

let pinia: Pinia
let recorded: [string, CallOutcome, number][]
let answer: Ticket | Problem

beforeEach(() => {
  pinia = freshPinia()
  recorded = []
  answer = ticket({ callback: call({ state: 'done' }) })
  fakeGateway({
    recordCall: ((id: string, outcome: CallOutcome, tries: number) => {
      recorded.push([id, outcome, tries])
      if (answer instanceof Problem) throw answer
      return { ticket: answer }
    }) as never,
  })
})

const shown = (one: Ticket) => mount(TicketCall, { ticket: one }, pinia)
const buttons = (page: ReturnType<typeof shown>) => ['reached', 'not-reached', 'cancelled'].filter((name) => page.maybe(`call-${name}`))

describe('the promised call', () => {
  test('a ticket without one shows nothing', () => {
    expect(shown(ticket()).maybe('ticket-call-section')).toBeNull()
  })

  test('who is to be called, by which number and when', () => {
    const page = shown(ticket({ callback: call(), contact: { phone: '13812345678' } }))
    expect(page.find('call-phone').getAttribute('href')).toBe('tel:13812345678')
    expect(page.find('call-at').getAttribute('datetime')).toBe('2026-11-22T07:00:00Z')
    expect(page.find('call-state').textContent).toBe('正在联系')
  })

  test.each<[PromisedCall['state'], string[]]>([
    ['promised', ['reached', 'cancelled']],
    ['due', ['reached', 'not-reached', 'cancelled']],
    ['missed', ['reached', 'not-reached', 'cancelled']],
    ['taken', ['reached', 'not-reached', 'cancelled']],
    ['done', []],
    ['failed', []],
    ['settled', []],
  ])('a call that is %s can be recorded as %j', (state, offered) => {
    expect(buttons(shown(ticket({ callback: call({ state }) })))).toEqual(offered)
  })

  test('what came of it is recorded with the tries that were seen', async () => {
    const page = shown(ticket({ callback: call({ tries: 1 }) }))
    page.find('call-not-reached').click()
    await settle()
    expect(recorded).toEqual([['t1', 'not_reached', 1]])
  })

  test('what a colleague recorded first is said, and nothing is lost', async () => {
    answer = new Problem('conflict', { status: 409, code: 'callback_moved' })
    const page = shown(ticket({ callback: call() }))
    page.find('call-reached').click()
    await settle()
    expect(page.root.querySelector('[role=alert]')?.textContent).toBe('刚刚有人记录过一次联系')
  })

  test('that it was late stays to be seen', () => {
    expect(shown(ticket({ callback: call({ state: 'done', late: true }) })).maybe('call-late')).not.toBeNull()
  })
})

describe('the list', () => {
  const row = (state: PromisedCall['state']) =>
    mount(TicketRow, { ticket: ticket({ callback: call({ state }) }), now: NOW, chosen: false, here: false, takes: false, busy: false }, pinia).maybe('ticket-call')

  test('shows calls that are owed, and not those that were made', () => {
    expect(row('missed')?.textContent).toMatch(/^回电已逾期 \S/)
    expect(row('done')).toBeNull()
  })

  test('is narrowed to them by its address', () => {
    const query = queryOf(presets.callbacks, 'due')
    expect(query).toEqual({ callbacks: 'owed' })
    expect(sameFilter(filterIn(query as never), presets.callbacks)).toBe(true)
    expect(conditions(presets.callbacks)).toBe(1)
    expect(filterIn({ callbacks: 'nonsense' }).callbacks).toBe('')
  })
})
