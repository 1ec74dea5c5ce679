/** A conversation goes on to somebody else, and why it was offered to whom. */

import type { Http } from './http'

const id = encodeURIComponent

export interface Group {
  id: string
  name: string
  agent_ids: string[]
  wider_ids: string[]
}

interface Named {
  id: string
  name: string
}

export interface Standing {
  agent: Named
  /** Null: could be asked. */
  why_not: string | null
  load: number
  capacity: number
}

export interface RoutedDecision {
  case_id: string
  number: number
  at: string
  /** Null: nobody could be asked. */
  agent: Named | null
  /** Null where the record is of a kind that the gateway does not know. */
  decided: {
    /** What put the agent ahead of the others; null: nobody else could be asked. */
    by: string | null
    priority: number
    language: string | null
    skills: string[]
    group: Named | null
    level: number
    waited_seconds: number
    standings: Standing[]
  } | null
}

export interface Transfer {
  epoch: number
  to_agent?: string
  to_group?: string
  note: string
}

export function handingOnEndpoints(http: Http) {
  return {
    groups: () => http.call<{ items: Group[] }>('GET', 'groups'),
    transfer: (conversation: string, order: Transfer) =>
      http.call<void>('POST', `conversations/${id(conversation)}/transfer`, { json: order }),
    takeOver: (conversation: string, epoch: number) =>
      http.call<void>('POST', `conversations/${id(conversation)}/take-over`, { json: { epoch } }),
    routed: (conversation: string) =>
      http.call<{ items: RoutedDecision[] }>('GET', `conversations/${id(conversation)}/decisions`),
  }
}
