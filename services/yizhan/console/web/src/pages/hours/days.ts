/** Days of a calendar as the month shows them. Pure. */

import type { CalendarDay } from '@/api/hours'

export type DayKind = 'open' | 'rest' | 'closed' | 'changed' | 'holiday' | 'worked'

const same = (a: readonly string[], b: readonly string[]): boolean => a.join() === b.join()

/** What kind of a day it is: `open` and `rest` as every week, the others because somebody, or a holiday, decided it. */
export function kindOf(day: CalendarDay): DayKind {
  if (!day.decided && same(day.hours, day.usual)) return day.hours.length ? 'open' : 'rest'
  if (!day.hours.length) return day.decided ? 'closed' : 'holiday'
  return day.decided ? 'changed' : 'worked'
}

const two = (n: number): string => String(n).padStart(2, '0')

/** `2026-11` of a moment, by the clock of this screen. */
export function monthAt(now: number): string {
  const at = new Date(now)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}`
}

export function dayAt(now: number): string {
  return `${monthAt(now)}-${two(new Date(now).getDate())}`
}

export function monthsLater(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  const months = year * 12 + number - 1 + by
  return `${Math.floor(months / 12)}-${two((months % 12) + 1)}`
}

/** 0: Monday. */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
}

/** Seven a row, from Monday; null where the month has not begun, or is over. */
export function weeksOf(days: readonly CalendarDay[]): (CalendarDay | null)[][] {
  const first = days[0]
  if (!first) return []
  const cells: (CalendarDay | null)[] = [...Array<null>(weekdayOf(first.day)).fill(null), ...days]
  while (cells.length % 7) cells.push(null)
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7))
}

const SPAN = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/

/** `9:00-12:00，13:30-18:00` as the gateway reads it; null where it is no hours. */
export function parseHours(text: string): string[] | null {
  const parts = text.normalize('NFKC').replaceAll(/\s*[-–—~至]\s*/g, '-').split(/[\s,、;]+/).filter(Boolean)
  let end = -1
  const spans: string[] = []
  for (const part of parts) {
    const [, h1, m1, h2, m2] = (SPAN.exec(part) ?? []).map(Number)
    if (h1 === undefined || m1 === undefined || h2 === undefined || m2 === undefined) return null
    const [from, to] = [h1 * 60 + m1, h2 * 60 + m2]
    if (m1 > 59 || m2 > 59 || from >= to || to > 1440 || from < end) return null
    end = to
    spans.push(`${two(h1)}:${two(m1)}-${two(h2)}:${two(m2)}`)
  }
  return spans.length ? spans : null
}

/** Days in a row become one: `[first, last]`. */
export function ranges(days: readonly string[]): [string, string][] {
  const found: [string, string][] = []
  for (const day of [...days].sort()) {
    const last = found.at(-1)
    if (last && Date.parse(day) - Date.parse(last[1]) === 86_400_000) last[1] = day
    else found.push([day, day])
  }
  return found
}
