/** Whether the customer of a ticket can be answered on it, and how far an answer got. Pure. */

import type { Ticket, TicketReplies, TicketReply } from '@/api/types'

/** Who is in the way of an answer, or has the customer while one is possible. `unknown`: it is not known yet. */
export type Standing = { state: 'free'; with: 'bot' | 'ticketed' | 'closed' | 'mine' | 'unknown' } | { state: 'blocked'; by: 'other' | 'waits' | 'gone' | 'ticketClosed'; name: string }

export function standing(ticket: Pick<Ticket, 'status'>, found: TicketReplies | null, me: string): Standing {
  if (ticket.status === 'closed') return { state: 'blocked', by: 'ticketClosed', name: '' }
  if (!found) return { state: 'free', with: 'unknown' }
  const there = found.conversation
  if (!there) return { state: 'blocked', by: 'gone', name: '' }
  switch (there.state) {
    case 'queued':
    case 'offered':
      return { state: 'blocked', by: 'waits', name: '' }
    case 'assigned':
      return there.agent?.id === me ? { state: 'free', with: 'mine' } : { state: 'blocked', by: 'other', name: there.agent?.name || there.agent?.id || '' }
    default:
      return { state: 'free', with: there.state }
  }
}

/** A newer picture with a reply of one's own that it does not have yet. */
export function withMine(found: TicketReply[], mine: TicketReply | null): TicketReply[] {
  return mine && !found.some((one) => one.id === mine.id) ? [...found, mine] : found
}

export const tone = (reply: TicketReply): 'bad' | 'warn' | 'good' | 'plain' => {
  if (reply.state === 'refused' || reply.state === 'failed') return 'bad'
  if (reply.state === 'held' || reply.state === 'unknown') return 'warn'
  return reply.state === 'delivered' || reply.state === 'read' ? 'good' : 'plain'
}
