/** What helps an agent on the wire: answers to suggest, why the assistant said something, and where its task stands. */

import type { Attachment } from './knowledge-types'

/** An answer as it would be sent on the conversation's channel; `score` 0 to 1, 0 where it only holds the words. */
export interface Suggested {
  entry_id: string
  question: string
  text: string
  score: number
  category: string
  attachments: Attachment[]
}

/** `message_id` null: the customer waits for no answer. */
export interface Suggestions {
  items: Suggested[]
  message_id: string | null
  release_id: string | null
}

/** What became of the suggestions, told with the reply. `entry_id` empty: none was taken. `searched`: it was not suggested. */
export interface SuggestionUse {
  entry_id: string
  edited: boolean
  shown: string[]
  searched?: true
}

export const taskPhases = ['asking', 'confirming', 'mending', 'working', 'aside', 'done'] as const
export type TaskPhase = (typeof taskPhases)[number]

/** What the assistant does with the customer step by step. `shown` is masked where it must be. */
export interface TaskView {
  name: string
  title: string
  phase: TaskPhase
  /** Empty: nothing is asked now. */
  asked: string
  values: { slot: string; label: string; shown: string }[]
  opened_at: string | null
}

export interface DecisionCandidate {
  entry_id: string
  question: string
  score: number
  matched: string
}

/** A past decision, made again. Null is what had no part in it. */
export interface PastDecision {
  id: string
  conversation_id: string
  decided_at: string | null
  intent: string
  decided_by: string
  release: { id: string; number: number } | null
  thresholds: { answer: number; clarify: number; margin: number }
  rule: string | null
  handoff_reason: string | null
  entry: { id: string; question: string; score: number } | null
  task: { name: string; phase: string; open: string } | null
  job: { kind: string; outcome: string; reason: string } | null
  candidates: DecisionCandidate[]
  identical: boolean
  differences: string[]
  changed: string[]
}
