/** How urgent the answer is that an agent owes. The gateway says the moments; rows and order go by the same. Pure. */

import type { Conversation } from '@/api/types'

export type Urgency = 'calm' | 'risk' | 'over'

export interface Owed {
  urgency: Urgency
  /** Until it is due; negative: since. */
  leftMs: number
  first: boolean
}

/** What is owed in a conversation; null: nothing, or nobody serves it. `now`: the gateway's time. */
export function owed(conversation: Conversation, now: number): Owed | null {
  const { state, answer } = conversation
  if (state !== 'assigned' || !answer) return null
  const leftMs = Date.parse(answer.due_at) - now
  const urgency = leftMs <= 0 ? 'over' : now >= Date.parse(answer.risk_at) ? 'risk' : 'calm'
  return { urgency, leftMs, first: answer.clock === 'agent_first_response' }
}

/** The first to come due first, then those to whom nothing is owed, each as they were. */
export function byUrgency(conversations: readonly Conversation[]): Conversation[] {
  const due = (one: Conversation) => (one.state === 'assigned' && one.answer ? Date.parse(one.answer.due_at) : Infinity)
  return conversations
    .map((conversation, place) => ({ conversation, place, key: due(conversation) }))
    .sort((a, b) => (a.key === b.key ? a.place - b.place : a.key - b.key))
    .map(({ conversation }) => conversation)
}
