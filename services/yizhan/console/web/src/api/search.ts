/** Finding what was said. Filters repeat their parameters, so they are written into the address here. */

import type { Http } from './http'

export const speakers = ['customer', 'assistant', 'agent', 'note', 'system'] as const
export type Speaker = (typeof speakers)[number]

/** Every word must stand in the message. `from` and `to` are days (YYYY-MM-DD) of the person's own clock, both within. */
export interface MessageSearch {
  q: string
  by: Speaker[]
  channel: string[]
  agent: string
  conversation: string
  customer: string
  from: string
  to: string
}

export interface FoundMessage {
  conversation_id: string
  /** The message, or the one that the note stands after. */
  seq: number
  note: number | null
  session: number
  by: Speaker
  author: { id: string; name: string }
  at: string
  channel: string
  customer_name: string
  excerpt: string
  /** Places in the excerpt, counted in code points. */
  hits: [number, number][]
}

export interface FoundPage {
  items: FoundMessage[]
  next: string | null
  /** False: what was said some time ago is still being made searchable. */
  complete: boolean
  /** What is older is not searched. */
  days: number
}

/** The beginning of a day here, or of the one after it; empty for what is no day. */
export function dayStart(day: string, add = 0): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
  const at = new Date(year, month - 1, date + add)
  return day && !Number.isNaN(at.getTime()) ? at.toISOString() : ''
}

export function messageQuery(search: MessageSearch, cursor: string | null): string {
  const { q, by, channel, agent, conversation, customer, from, to } = search
  const pairs = [
    ['q', q],
    ...by.map((one) => ['by', one]),
    ...channel.map((one) => ['channel', one]),
    ['agent', agent],
    ['conversation', conversation],
    ['customer', customer],
    ['from', dayStart(from)],
    ['to', dayStart(to, 1)],
    ['cursor', cursor ?? ''],
  ]
  return new URLSearchParams(pairs.filter(([, value]) => value)).toString()
}

export function searchEndpoints(http: Http) {
  return {
    searchMessages: (search: MessageSearch, cursor: string | null = null) =>
      http.call<FoundPage>('GET', `search/messages?${messageQuery(search, cursor)}`),
  }
}
