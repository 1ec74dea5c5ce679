/** The same edit on many tickets, and what became of each. Nothing that was asked is without an outcome. */

import type { Ticket, TicketEdit, TicketOutcome } from '@/api/types'
import { useGateway } from '@/gateway'

/** As many as the gateway takes at a time. */
const MOST = 200

export const bulkKinds = ['status', 'assignee', 'group', 'priority', 'type', 'add_tags', 'remove_tags', 'add_watchers'] as const
export type BulkKind = (typeof bulkKinds)[number]
export const severalValues: readonly BulkKind[] = ['add_tags', 'remove_tags', 'add_watchers']

export interface Outcome {
  ticket: Ticket
  /** Null: it was changed. */
  refused: { code: string; detail: string } | null
  /** Set where no answer came: whether it was changed is not known. */
  unanswered: unknown
}

export function bulkEdit(kind: BulkKind, values: string[]): TicketEdit {
  return severalValues.includes(kind) ? { [kind]: values } : { [kind]: values[0] ?? '' }
}

export async function changeAll(tickets: readonly Ticket[], edit: TicketEdit): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let from = 0; from < tickets.length; from += MOST) {
    const part = tickets.slice(from, from + MOST)
    try {
      const answer = await useGateway().api.changeTickets(part.map((ticket) => ticket.id), edit)
      outcomes.push(...part.map((ticket) => outcomeOf(ticket, answer.outcomes.find((one) => one.id === ticket.id))))
    } catch (error) {
      outcomes.push(...part.map((ticket) => ({ ticket, refused: null, unanswered: error })))
    }
  }
  return outcomes
}

function outcomeOf(ticket: Ticket, found: TicketOutcome | undefined): Outcome {
  if (!found) return { ticket, refused: null, unanswered: new Error('no outcome') }
  return { ticket: found.ticket ?? ticket, refused: found.code ? { code: found.code, detail: found.detail } : null, unanswered: null }
}

export const changed = (outcome: Outcome): boolean => outcome.refused === null && outcome.unanswered === null
