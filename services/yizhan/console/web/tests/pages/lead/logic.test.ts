/** What the supervisor's pages reckon by themselves. */

import { describe, expect, test } from 'vitest'
import type { PromisedPerson } from '@/api/board'
import type { CalendarDay } from '@/api/hours'
import { blankRule, deadFrom, moved, replaced } from '@/pages/team/rules'
import { skillTrouble } from '@/pages/team/skills'
import { atRisk, inOrder, riskOf } from '@/pages/board/promises'
import { kindOf, monthsLater, parseHours, ranges, weekdayOf, weeksOf } from '@/pages/hours/days'
import { concernsBoard } from '@/stores/board'

const day = (part: Partial<CalendarDay>): CalendarDay => ({ day: '2026-11-24', hours: [], usual: [], decided: false, reason: '', unconfirmed: false, ...part })

describe('kinds of days', () => {
  const open = ['09:00-18:00']
  test.each([
    ['a weekday', { hours: open, usual: open }, 'open'],
    ['a Sunday off', {}, 'rest'],
    ['a public holiday', { usual: open }, 'holiday'],
    ['a make-up workday', { hours: open }, 'worked'],
    ['a day that somebody closed', { usual: open, decided: true }, 'closed'],
    ['a day with other hours', { hours: ['10:00-12:00'], usual: open, decided: true }, 'changed'],
  ] as const)('%s', (_, part, kind) => {
    expect(kindOf(day({ ...part, hours: [...('hours' in part ? part.hours : [])], usual: [...('usual' in part ? part.usual : [])] }))).toBe(kind)
  })
})

describe('hours as people type them', () => {
  test.each([
    ['09:00-12:00, 13:30-18:00', ['09:00-12:00', '13:30-18:00']],
    ['9:00-12:00，13:30－18:00', ['09:00-12:00', '13:30-18:00']],
    ['09:00 至 18:00', ['09:00-18:00']],
    ['00:00-24:00', ['00:00-24:00']],
    ['', null],
    ['18:00-09:00', null],
    ['09:00-13:00 12:00-18:00', null],
    ['09:60-10:00', null],
    ['9-12', null],
    ['09:00-24:30', null],
  ])('"%s"', (text, spans) => {
    expect(parseHours(text)).toEqual(spans)
  })
})

test('a month stands under its weekdays, and the months go on over New Year', () => {
  const days = Array.from({ length: 30 }, (_, at) => day({ day: `2026-11-${String(at + 1).padStart(2, '0')}` }))
  const weeks = weeksOf(days)
  expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7, 7])
  expect(weeks[0]?.findIndex((cell) => cell !== null), '1 November 2026 is a Sunday').toBe(6)
  expect(weekdayOf('2026-11-23')).toBe(0)
  expect([monthsLater('2026-12', 1), monthsLater('2026-01', -1), monthsLater('2026-11', 14)]).toEqual(['2027-01', '2025-12', '2028-01'])
})

test('days in a row are told as one', () => {
  expect(ranges(['2027-01-01', '2026-12-31', '2027-01-03'])).toEqual([
    ['2026-12-31', '2027-01-01'],
    ['2027-01-03', '2027-01-03'],
  ])
})

describe('promises', () => {
  const now = Date.parse('2026-11-23T04:00:00Z')
  const promise = (id: string, since: number, left: number, priority = 1): PromisedPerson => ({
    conversation_id: id,
    channel: 'website',
    customer: { id, name: id },
    reason: 'requested',
    requested_at: new Date(now - since * 1000).toISOString(),
    deadline: new Date(now + left * 1000).toISOString(),
    offered_to: null,
    group_id: null,
    priority,
    passed: 0,
  })
  test.each([
    ['time enough', 10, 50, 'calm'],
    ['the last third of a long wait', 1300, 600, 'soon'],
    ['twenty seconds, whatever they are of', 5, 20, 'soon'],
    ['over', 60, 0, 'over'],
  ])('%s', (_, since, left, risk) => {
    expect(riskOf(promise('a', since, left), now)).toBe(risk)
  })

  test('what comes due first is first; of two at once, the more urgent', () => {
    const all = [promise('later', 0, 90), promise('normal', 0, 10), promise('urgent', 0, 10, 3)]
    expect(inOrder(all).map((one) => one.conversation_id)).toEqual(['urgent', 'normal', 'later'])
    expect(atRisk(all, now)).toBe(2)
  })
})

describe('routing rules', () => {
  const rule = (topic: string) => ({ ...blankRule(), topic })
  const topics = (rules: { topic: string }[]) => rules.map((one) => one.topic).join('')
  const three = [rule('a'), rule('b'), rule('c')]
  test.each([
    [0, 1, 'bac'],
    [2, 0, 'cab'],
    [0, -1, 'abc'],
    [2, 3, 'abc'],
  ])('%i moved to %i', (from, to, order) => {
    expect(topics(moved(three, from, to))).toBe(order)
  })

  test('a rule takes its place, a new one comes last', () => {
    expect(topics(replaced(three, 1, rule('x')))).toBe('axc')
    expect(topics(replaced(three, null, rule('x')))).toBe('abcx')
  })

  test('what stands below a rule for everything is told to never count', () => {
    expect(deadFrom([rule('a'), blankRule(), rule('c')])).toBe(2)
    expect(deadFrom([rule('a'), blankRule()])).toBe(-1)
    expect(deadFrom([{ ...blankRule(), least_urgency: 2 }, rule('b')])).toBe(-1)
  })
})

test.each([
  [[], null],
  [[{ name: '退款', level: 1 }, { name: ' 退款 ', level: 2 }], 'skillTwice'],
  [[{ name: ' ', level: 1 }], 'skillEmpty'],
])('skills %j', (skills, key) => {
  expect(skillTrouble(skills)?.key ?? null).toBe(key)
})

test('a message is no news for the board, a change of hands is', () => {
  expect(concernsBoard({ type: 'conversation', conversation: { id: 'c', last_seq: 4 } })).toBe(false)
  expect(concernsBoard({ type: 'conversation', conversation: { id: 'c', state: 'assigned' } })).toBe(true)
  expect(concernsBoard({ type: 'presence', agent_id: 'a', state: 'away' })).toBe(true)
  expect(concernsBoard({ type: 'pong' })).toBe(false)
})
