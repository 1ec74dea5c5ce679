/** What is searched, as it stands in the address: a page that is reloaded or sent to a colleague shows the same. */

import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { speakers, type MessageSearch } from '@/api/search'

const DAY = /^\d{4}-\d{2}-\d{2}$/

export function searchIn(query: LocationQuery): MessageSearch {
  const all = (name: string) => [query[name] ?? []].flat().filter((value): value is string => Boolean(value))
  const one = (name: string) => all(name)[0] ?? ''
  const day = (name: string) => (DAY.test(one(name)) ? one(name) : '')
  return {
    q: one('q'),
    by: speakers.filter((speaker) => all('by').includes(speaker)),
    channel: all('channel'),
    agent: one('agent'),
    conversation: one('conversation'),
    customer: one('customer'),
    from: day('from'),
    to: day('to'),
  }
}

/** What narrows nothing is left out. */
export function queryOf(search: MessageSearch): LocationQueryRaw {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value.length > 0))
}

/** How many conditions there are besides the words. */
export function conditions(search: MessageSearch): number {
  return Object.keys(queryOf({ ...search, q: '' })).length
}
