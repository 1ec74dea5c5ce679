/** What customers asked and were not answered well, in groups, as it is on the wire (docs/learning.md). */

import type { DraftEntry, EntryIn, FullEntry } from './knowledge-types'

export const missStates = ['open', 'drafted', 'dismissed'] as const
export type MissState = (typeof missStates)[number]

export const missReasons = ['no_answer', 'none_of_these', 'human_instead', 'said_else', 'rephrased', 'human_after_answer', 'bad_rating'] as const

/** An entry of the published release that may be meant; `score` is 0 to 1. */
export interface NearEntry {
  entry_id: string
  question: string
  score: number
}

/** `question` is empty where the words were erased. Counts are of questions, `customers` of conversations. */
export interface MissGroup {
  id: string
  question: string
  state: MissState
  count: number
  customers: number
  customers_7_days: number
  customers_30_days: number
  last_7_days: number
  last_30_days: number
  rank: number
  languages: string[]
  reasons: Record<string, number>
  first_at: string | null
  last_at: string | null
  nearest: NearEntry | null
  answered_now: boolean
  answered_by: string[]
  drafted: { entry_id: string; at: string | null; by: string; published: boolean; still_missed: boolean } | null
  dismissed: { reason: string; by: string; at: string | null } | null
}

/** `masked`: there was personal data in it. */
export interface Wording {
  text: string
  count: number
  last_at: string | null
  conversation_id: string
  language: string
  masked: boolean
}

export interface AgentReply {
  text: string
  conversation_id: string
  agent_name: string
  at: string | null
}

/** `proposal` is a new entry without an id; it has an answer where an agent gave one. */
export interface MissDetails {
  group: MissGroup
  wordings: Wording[]
  replies: AgentReply[]
  proposal: FullEntry
  near: NearEntry[]
}

export interface MissPage {
  items: MissGroup[]
  next: string | null
  /** Questions that are in no group yet. */
  behind: number
}

/** What agents made of suggested answers; `found_*`: of answers that they searched for themselves. */
export interface UseCounts {
  as_is: number
  edited: number
  ignored: number
  found_as_is: number
  found_edited: number
}

/** `question` is empty where the published release does not have the entry. */
export interface EntryUses extends UseCounts {
  entry_id: string
  question: string
}

export interface SuggestionUses {
  items: EntryUses[]
  total: UseCounts
}

/** A new entry, or more phrasings for one of the draft. */
export type MissDraft = { entry: EntryIn } | { entry_id: string; paraphrases: string[] }

export interface DraftedMiss {
  draft: DraftEntry
  group: MissGroup
}
