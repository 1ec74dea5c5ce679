/** Opening hours and promises: the contract in force, its calendars, and their special days. */

import type { Http } from './http'

export interface CalendarHead {
  name: string
  zone: string
  /** Whose public holidays it follows; null: none. */
  country: string | null
}

export interface ContractInForce {
  version: string
  text: string
  /** Nobody has published one: the standard contract. */
  standard: boolean
  published_at: string | null
  published_by: string
  title: string
  zone: string
  calendars: CalendarHead[]
  /** Days of the next sixty that an arrangement of holidays could still change. */
  unconfirmed: { calendar: string; days: string[] }[]
}

/** Hours are as in `09:00-12:00`; none: closed. `usual` is what the week says. */
export interface CalendarDay {
  day: string
  hours: string[]
  usual: string[]
  decided: boolean
  reason: string
  unconfirmed: boolean
}

export interface CalendarMonth {
  calendar: string
  zone: string
  days: CalendarDay[]
}

export interface SpecialDay {
  calendar: string
  day: string
  hours: string[]
  reason: string
}

export type DecidedDay = SpecialDay & { by: string; at: string | null }

/** Days are decided one after the other. */
const IMPORT_MS = 60_000

export function hoursEndpoints(http: Http) {
  return {
    contract: () => http.call<{ contract: ContractInForce }>('GET', 'hours/contract'),
    publishContract: (text: string, version: string) =>
      http.call<{ version: string }>('PUT', 'hours/contract', { json: { text, version } }),
    calendarDays: (month: string) => http.call<{ items: CalendarMonth[] }>('GET', 'hours/days', { query: { month } }),
    specialDays: () => http.call<{ items: DecidedDay[] }>('GET', 'hours/special-days'),
    putSpecialDay: (day: SpecialDay) => http.call<void>('PUT', 'hours/special-days', { json: day }),
    removeSpecialDay: (calendar: string, day: string) =>
      http.call<void>('DELETE', 'hours/special-days', { query: { calendar, day } }),
    importSpecialDays: (calendar: string, text: string) =>
      http.call<{ days: number }>('POST', 'hours/special-days/import', { json: { calendar, text }, timeoutMs: IMPORT_MS }),
  }
}
