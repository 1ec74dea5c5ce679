/** Calls about tickets. Filters repeat their parameters, so they are written into the address here. */

import type { Http } from './http'
import type {
  CallOutcome,
  NewTicket,
  Ticket,
  TicketDetails,
  TicketEdit,
  TicketFilter,
  TicketLinkKind,
  TicketNote,
  TicketOutcome,
  TicketReplies,
  TicketReply,
  TicketSort,
  TicketView,
} from './tickets-types'

/** Up to two hundred tickets are changed one after the other. */
const BULK_MS = 60_000

const id = encodeURIComponent

/** The filter as the query string of a search; what narrows nothing is left out. */
export function filterQuery(filter: TicketFilter, more: Record<string, string> = {}): string {
  const pairs: [string, string][] = []
  for (const [name, value] of Object.entries(filter) as [string, string | boolean | string[]][]) {
    if (Array.isArray(value)) for (const one of value) pairs.push([name, one])
    else if (value === true) pairs.push([name, '1'])
    else if (value) pairs.push([name, value])
  }
  for (const [name, value] of Object.entries(more)) if (value) pairs.push([name, value])
  return new URLSearchParams(pairs).toString()
}

export function ticketEndpoints(http: Http) {
  return {
    searchTickets: (filter: TicketFilter, sort: TicketSort, cursor: string | null = null) =>
      http.call<{ items: Ticket[]; next: string | null }>('GET', `tickets/search?${filterQuery(filter, { sort, cursor: cursor ?? '' })}`),
    countTickets: (filter: TicketFilter) => http.call<{ count: number }>('GET', `tickets/count?${filterQuery(filter)}`),
    ticketsAddress: (filter: TicketFilter, format: 'csv' | 'xlsx', lang: string) =>
      http.address(`tickets/export?${filterQuery(filter, { format, lang })}`),
    createTicket: (ticket: NewTicket) => http.call<{ ticket: Ticket }>('POST', 'tickets', { json: ticket }),
    ticket: (ticket: string) => http.call<TicketDetails>('GET', `tickets/${id(ticket)}`),
    changeTicket: (ticket: string, revision: number, edit: TicketEdit) =>
      http.call<{ ticket: Ticket }>('PATCH', `tickets/${id(ticket)}`, { json: { revision, ...edit } }),
    changeTickets: (ids: string[], change: TicketEdit) =>
      http.call<{ outcomes: TicketOutcome[]; done: number; failed: number }>('POST', 'tickets/bulk', { json: { ids, change }, timeoutMs: BULK_MS }),
    takeTicket: (ticket: string) => http.call<{ conversation_id: string }>('POST', `tickets/${id(ticket)}/take`),
    noteTicket: (ticket: string, note: { text: string; client_id: string }) =>
      http.call<{ note: TicketNote; ticket: Ticket }>('POST', `tickets/${id(ticket)}/notes`, { json: note }),
    ticketReplies: (ticket: string) => http.call<TicketReplies>('GET', `tickets/${id(ticket)}/replies`),
    replyToTicket: (ticket: string, reply: { text: string; client_id: string }) =>
      http.call<{ reply: TicketReply }>('POST', `tickets/${id(ticket)}/replies`, { json: reply }),
    linkTicket: (ticket: string, kind: TicketLinkKind, other: string) =>
      http.call<void>('POST', `tickets/${id(ticket)}/links`, { json: { kind, other } }),
    unlinkTicket: (ticket: string, kind: TicketLinkKind, other: string) =>
      http.call<void>('DELETE', `tickets/${id(ticket)}/links`, { query: { kind, other } }),
    mergeTicket: (ticket: string, revision: number, into: string) =>
      http.call<{ ticket: Ticket; into: Ticket }>('POST', `tickets/${id(ticket)}/merge`, { json: { into, revision } }),
    unmergeTicket: (ticket: string) => http.call<{ ticket: Ticket }>('POST', `tickets/${id(ticket)}/unmerge`),
    rateTicket: (ticket: string, score: number) =>
      http.call<{ ticket: Ticket }>('POST', `tickets/${id(ticket)}/rating`, { json: { score } }),

    recordCall: (ticket: string, outcome: CallOutcome, tries: number) =>
      http.call<{ ticket: Ticket }>('POST', `tickets/${id(ticket)}/callback`, { json: { outcome, tries } }),

    ticketViews: () => http.call<{ items: (TicketView & { count: number })[] }>('GET', 'tickets/views'),
    createTicketView: (view: { name: string; filter: TicketFilter; sort: TicketSort; shared: boolean }) =>
      http.call<{ view: TicketView }>('POST', 'tickets/views', { json: view }),
    changeTicketView: (view: TicketView) =>
      http.call<{ view: TicketView }>('PUT', `tickets/views/${id(view.id)}`, {
        json: { name: view.name, filter: view.filter, sort: view.sort, revision: view.revision },
      }),
    deleteTicketView: (view: string) => http.call<void>('DELETE', `tickets/views/${id(view)}`),
  }
}
