/** How a ticket's clocks stand: pure, from the gateway's time. */

import type { Ticket } from '@/api/types'
import { unsettled } from './filter'

export interface Due {
  kind: 'response' | 'solution'
  at: string
  /** Negative: by how much it is late. */
  leftMs: number
  late: boolean
  /** The clock rests: waiting for the customer, or for somebody else. */
  resting: boolean
}

function clock(kind: Due['kind'], at: string | null, against: number, resting: boolean): Due[] {
  const due = Date.parse(at ?? '')
  if (at === null || Number.isNaN(due)) return []
  return [{ kind, at, leftMs: due - against, late: due < against, resting }]
}

/** The clocks that run or rest; none on a ticket that is settled. */
export function clocks(ticket: Ticket, now: number): Due[] {
  if (!unsettled.includes(ticket.status)) return []
  const rests = ticket.paused_at === null ? NaN : Date.parse(ticket.paused_at)
  const resting = !Number.isNaN(rests)
  return [
    ...(ticket.first_response_at === null ? clock('response', ticket.response_due, now, false) : []),
    ...clock('solution', ticket.solution_due ?? ticket.promised_by, resting ? rests : now, resting),
  ]
}

/** The one that is most pressing. */
export function pressing(ticket: Ticket, now: number): Due | null {
  return clocks(ticket, now).sort((a, b) => Number(a.resting && !a.late) - Number(b.resting && !b.late) || a.leftMs - b.leftMs)[0] ?? null
}
