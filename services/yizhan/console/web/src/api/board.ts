/** The supervisor's board. */

import type { Http } from './http'
import type { Member } from './team'
import type { QueueNumbers } from './types'

interface Person {
  id: string
  name: string
}

/** A ticket that is overdue, as far as the board shows it. */
export interface LateTicket {
  id: string
  number: string
  title: string
  last_text: string
  customer: Person
  agent: Person | null
  first_response_at: string | null
  response_due: string | null
  solution_due: string | null
}

/** A customer who was promised a person, and has none yet. */
export interface PromisedPerson {
  conversation_id: string
  channel: string
  customer: Person
  reason: string
  requested_at: string
  deadline: string
  offered_to: Person | null
  group_id: string | null
  /** 0 low to 3 urgent. */
  priority: number
  /** How many agents declined it or let it lapse. */
  passed: number
}

/** A business's own agent system that is told by webhook, and does not take it. */
export interface SystemTrouble {
  name: string
  state: 'failing' | 'disabled'
  since: string | null
  /** A code: status_500, timeout, unreachable, … */
  problem: string
  /** Events that wait for it. */
  waiting: number
}

export interface Board {
  queue: QueueNumbers
  /** Conversations whose agent owes an answer: all, and of them in the last part of the time, or overdue. */
  answers: { due: number; at_risk: number; overdue: number }
  /** The one that comes due first is first. */
  promises: PromisedPerson[]
  agents: Member[]
  overdue: { items: LateTicket[]; count: number }
  /** Only those in trouble; a console of the version before gives none. */
  systems?: SystemTrouble[]
}

export function boardEndpoints(http: Http) {
  return { board: () => http.call<Board>('GET', 'board', { timeoutMs: 10_000 }) }
}
