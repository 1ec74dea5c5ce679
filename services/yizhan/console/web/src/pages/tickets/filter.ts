/** What the list shows, as it stands in the address: a page that is reloaded or sent to a colleague shows the same. */

import type { LocationQuery, LocationQueryRaw, LocationQueryValue } from 'vue-router'
import {
  NOBODY,
  callFilters,
  ticketPriorities,
  ticketSorts,
  ticketSources,
  ticketStatuses,
  ticketTypes,
  type TicketFilter,
  type TicketSort,
  type TicketStatus,
} from '@/api/types'

export const unsettled: readonly TicketStatus[] = ['open', 'reopened', 'pending', 'on_hold']

export function emptyFilter(): TicketFilter {
  return { status: [], assignee: [], group: [], priority: [], type: [], source: [], tag: [], overdue: false, mine: false, watching: false, customer_waiting: false, callbacks: '', conversation: '', text: '' }
}

export const presets = {
  unsettled: { ...emptyFilter(), status: [...unsettled] },
  mine: { ...emptyFilter(), status: [...unsettled], mine: true },
  nobody: { ...emptyFilter(), status: [...unsettled], assignee: [NOBODY] },
  overdue: { ...emptyFilter(), overdue: true },
  waiting: { ...emptyFilter(), status: [...unsettled], customer_waiting: true },
  watching: { ...emptyFilter(), watching: true },
  callbacks: { ...emptyFilter(), callbacks: 'owed' },
  solved: { ...emptyFilter(), status: ['solved', 'closed'] },
  all: emptyFilter(),
} as const satisfies Record<string, TicketFilter>
export type Preset = keyof typeof presets
export const presetNames = Object.keys(presets) as Preset[]
export const FIRST: Preset = 'unsettled'

const listed = ['status', 'assignee', 'group', 'priority', 'type', 'source', 'tag'] as const
const flags = ['overdue', 'mine', 'watching', 'customer_waiting'] as const
/** What is narrowed by choosing from a list. */
export const fields = [...listed, ...flags] as const

type Given = LocationQueryValue | LocationQueryValue[] | undefined

const all = (given: Given): string[] => [given ?? []].flat().filter((value): value is string => Boolean(value))
const words = <T extends string>(given: Given, known: readonly T[]): T[] => known.filter((word) => all(given).includes(word))

/** The filter of an address; words that mean nothing are left out. */
export function filterIn(query: LocationQuery): TicketFilter {
  return {
    status: words(query['status'], ticketStatuses),
    assignee: all(query['assignee']),
    group: all(query['group']),
    priority: words(query['priority'], ticketPriorities),
    type: words(query['type'], ticketTypes),
    source: words(query['source'], ticketSources),
    tag: all(query['tag']),
    overdue: all(query['overdue']).includes('1'),
    mine: all(query['mine']).includes('1'),
    watching: all(query['watching']).includes('1'),
    customer_waiting: all(query['customer_waiting']).includes('1'),
    callbacks: words(query['callbacks'], callFilters)[0] ?? '',
    conversation: all(query['conversation'])[0] ?? '',
    text: all(query['text'])[0] ?? '',
  }
}

export function sortIn(query: LocationQuery): TicketSort {
  return words(query['sort'], ticketSorts)[0] ?? 'due'
}

export function queryOf(filter: TicketFilter, sort: TicketSort): LocationQueryRaw {
  const query: LocationQueryRaw = {}
  for (const name of listed) if (filter[name].length) query[name] = [...filter[name]]
  for (const name of flags) if (filter[name]) query[name] = '1'
  if (filter.callbacks) query['callbacks'] = filter.callbacks
  if (filter.conversation) query['conversation'] = filter.conversation
  if (filter.text) query['text'] = filter.text
  if (sort !== 'due') query['sort'] = sort
  return query
}

/** Whether an address says what to show; an empty one shows the first of the presets. */
export function saysWhat(query: LocationQuery): boolean {
  return 'show' in query || [...fields, 'callbacks', 'conversation', 'text'].some((name) => name in query)
}

export function sameFilter(one: TicketFilter, other: TicketFilter): boolean {
  const text = (filter: TicketFilter) => JSON.stringify(Object.keys(emptyFilter()).map((name) => {
    const value = filter[name as keyof TicketFilter]
    return Array.isArray(value) ? [...value].sort() : value
  }))
  return text(one) === text(other)
}

/** How many conditions there are besides the words that are searched for. */
export function conditions(filter: TicketFilter): number {
  return listed.filter((name) => filter[name].length > 0).length + flags.filter((name) => filter[name]).length + (filter.callbacks ? 1 : 0) + (filter.conversation ? 1 : 0)
}
