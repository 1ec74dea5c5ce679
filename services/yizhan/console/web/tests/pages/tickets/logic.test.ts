import { describe, expect, test } from 'vitest'
import { filterQuery } from '@/api/tickets'
import type { Ticket } from '@/api/types'
import { asked, both, differences, members } from '@/pages/tickets/edits'
import { clocks, pressing } from '@/pages/tickets/due'
import { conditions, emptyFilter, filterIn, presets, queryOf, sameFilter, saysWhat, sortIn } from '@/pages/tickets/filter'
import { NOW, ticket } from './ticket'

describe('the clocks of a ticket', () => {
  test.each<[string, Partial<Ticket>, string | null, number | null, boolean]>([
    ['an answer is owed before the solution', {}, 'response', 30, false],
    ['an answer that is late', { response_due: '2026-11-22T05:30:00Z' }, 'response', -30, true],
    ['answered, so the solution counts', { first_response_at: '2026-11-22T05:00:00Z' }, 'solution', 22 * 60, false],
    ['waiting for the customer, its clock rests', { first_response_at: '2026-11-22T05:00:00Z', status: 'pending', paused_at: '2026-11-22T05:00:00Z' }, 'solution', 23 * 60, false],
    ['late before the clock came to rest', { first_response_at: '2026-11-22T05:00:00Z', status: 'on_hold', solution_due: '2026-11-22T04:30:00Z', paused_at: '2026-11-22T05:00:00Z' }, 'solution', -30, true],
    ['from a version that knew only what was promised', { response_due: null, solution_due: null }, 'solution', 22 * 60, false],
    ['solved: nothing is owed', { status: 'solved', solution_due: '2026-11-22T05:00:00Z' }, null, null, false],
  ])('%s', (_, change, kind, minutes, late) => {
    const due = pressing(ticket(change), NOW)
    expect(due?.kind ?? null).toBe(kind)
    if (due) expect([due.leftMs / 60_000, due.late]).toEqual([minutes, late])
  })

  test('a late solution is not hidden behind an answer that still has time', () => {
    expect(pressing(ticket({ solution_due: '2026-11-22T05:59:00Z' }), NOW)).toMatchObject({ kind: 'solution', late: true })
  })

  test('both are shown while both run', () => {
    expect(clocks(ticket(), NOW).map((due) => due.kind)).toEqual(['response', 'solution'])
  })
})

describe('the filter in the address', () => {
  test('what is written into it is read from it', () => {
    const filter = { ...emptyFilter(), status: ['open' as const, 'pending' as const], assignee: ['none'], tag: ['退款', '加急'], overdue: true, text: '杯子 碎了', conversation: 'c1' }
    const query = queryOf(filter, 'priority')
    expect(sameFilter(filterIn(query as never), filter)).toBe(true)
    expect(sortIn(query as never)).toBe('priority')
    expect(conditions(filter)).toBe(5)
  })

  test('words that mean nothing are not asked for', () => {
    expect(filterIn({ status: ['open', 'nonsense'], priority: 'no' })).toMatchObject({ status: ['open'], priority: [] })
    expect(sortIn({ sort: 'no' })).toBe('due')
  })

  test('an address that says nothing is not one for all tickets', () => {
    expect([saysWhat({}), saysWhat({ ticket: 't' }), saysWhat({ show: 'all' }), saysWhat({ text: 'x' })]).toEqual([false, false, true, true])
  })

  test('several values repeat their parameter, and what narrows nothing is left out', () => {
    expect(filterQuery({ ...presets.nobody, tag: ['a&b'] }, { sort: 'due', cursor: '' })).toBe('status=open&status=reopened&status=pending&status=on_hold&assignee=none&tag=a%26b&sort=due')
  })
})

describe('edits', () => {
  test('two are made one: the later wins, and what was added and taken away again is only taken away', () => {
    expect(both({ priority: 'high', add_tags: ['a', 'b'] }, { priority: 'urgent', remove_tags: ['a'], type: 'fault' })).toEqual({ priority: 'urgent', type: 'fault', add_tags: ['b'], remove_tags: ['a'] })
  })

  test('of a list only what is new or gone is sent', () => {
    expect(members(['a', 'b'], ['b', 'c'])).toEqual({ add: ['c'], remove: ['a'] })
  })

  test('what somebody else changed is told field by field, whatever the order of tags', () => {
    const after = ticket({ priority: 'urgent', agent: { id: 'u2', name: '小雅' }, tags: ['b', 'a'] })
    expect(differences(ticket({ tags: ['a', 'b'] }), after)).toEqual([
      { field: 'assignee', before: [''], after: ['u2'] },
      { field: 'priority', before: ['normal'], after: ['urgent'] },
    ])
  })

  test('what an edit would make of the ticket', () => {
    expect(asked(ticket({ tags: ['a'] }), { status: 'solved', add_tags: ['b'] })).toEqual([
      { field: 'status', before: ['open'], after: ['solved'] },
      { field: 'tags', before: ['a'], after: ['a', 'b'] },
    ])
  })
})
