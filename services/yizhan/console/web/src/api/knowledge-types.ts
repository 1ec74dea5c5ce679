/** The knowledge on the wire: the draft that editors work on, and the releases that are built from it. */

import type { Content, Page } from './types'

export interface Release {
  id: string
  number: number
  entries: number
  published_at: string | null
  published_by: string
  source_name: string
}

/** Whose vectors a release has; `failed`: why it has none although a model is set. Both null: no model took part. */
export interface ReleaseEmbedding {
  model: string | null
  failed: string | null
}

/** `by_meaning`: the vectors find more than words do, and take part in answering. */
export interface ReportEmbedding extends ReleaseEmbedding {
  dimension: number
  by_meaning: boolean
}

/** A release in the list of all: `published_at` is set on the published one only. */
export interface BuiltRelease extends Release {
  built_at: string | null
  built_by: string
  note: string
  published: boolean
  embedding: ReleaseEmbedding
}

/** What of an entry is told wherever it is found. */
export interface Entry {
  id: string
  question: string
  paraphrases: string[]
  answer: string
  category: string
}

export const channelKinds = ['website', 'app', 'wechat', 'ecommerce', 'email'] as const
export type ChannelKind = (typeof channelKinds)[number]

export type Attachment = Extract<Content, { type: 'link' | 'image' | 'file' | 'goods' }>

/** An entry as editors write it. Days are `2026-11-22`, the first and the last on which it answers. */
export interface FullEntry extends Entry {
  variants: Partial<Record<string, string>>
  valid_from: string | null
  valid_until: string | null
  attachments: Attachment[]
}

/** How an attachment goes out: of a file only what it is called in the store. */
export type AttachmentIn =
  | { type: 'link'; url: string; title: string; description: string }
  | { type: 'image' | 'file'; media: { id: string } }
  | { type: 'goods'; goods_id: string; title: string; price_minor: number; currency: string; image_url: string; url: string }

export type EntryIn = Omit<FullEntry, 'attachments'> & { attachments: AttachmentIn[] }

/** `revision` is what a change must name, so that nobody overwrites what they have not seen. */
export interface DraftEntry {
  entry: FullEntry
  revision: number
  changed_at: string | null
  changed_by: string
}

/** `ending`: valid today, and not any more in 30 days. */
export const validityFilters = ['now', 'ending', 'later', 'expired'] as const
export type ValidityFilter = (typeof validityFilters)[number]

export interface DraftPage extends Page<DraftEntry> {
  total: number
  categories: string[]
  revision: number
}

export interface DocumentHead {
  name: string
  revision: number
  changed_at: string | null
  changed_by: string
}

export interface DraftDocument extends DocumentHead {
  text: string
}

export interface Draft {
  revision: number
  entries: number
  changed_at: string | null
  source_name: string
  documents: DocumentHead[]
  categories: string[]
}

export interface Change {
  id: string
  kind: 'entry' | 'document' | 'import'
  name: string
  changed_at: string | null
  changed_by: string
  before: FullEntry | string | null
  after: FullEntry | string | null
  note: string
}

/** `line` from 1, 0: the document as a whole. */
export interface DocumentProblem {
  line: number
  place: string
  reason_zh: string
  reason_en: string
}

export interface RowProblem {
  row: number
  column: string
  reason_zh: string
  reason_en: string
}

/** The counts beside `entries` are set once the file is taken over. */
export interface DraftImport {
  entries: number
  added: number
  changed: number
  removed: number
}

export interface Build {
  id: string
  state: 'asked' | 'running' | 'done' | 'failed'
  started_at: string | null
  started_by: string
  release_id: string | null
  reason: string
  detail: string
}

export interface Figures {
  questions: number
  right: number
  wrong: number
  unanswered: number
  precision: number
  coverage: number
}

export interface CurvePoint {
  threshold: number
  coverage: number
  precision: number
}

export interface Training {
  answer_threshold: number
  clarify_threshold: number
  margin: number
  precision: number
  coverage: number
  curve: CurvePoint[]
}

export type Outcome = 'right' | 'wrong' | 'unanswered'

/** `expected` null: nothing may answer. */
export interface QuestionResult {
  text: string
  expected: string | null
  got: string | null
  outcome: Outcome
  score: number
}

/** `where`: ids of entries, or the name of a document. An `error` keeps the release from being published. */
export interface Finding {
  kind: string
  error: boolean
  where: string[]
  detail: string
}

export interface Report {
  entries: number
  phrasings: number
  engine: string
  training: Training | null
  figures: Figures
  results: QuestionResult[]
  findings: Finding[]
  more_findings: number
  seconds: number
  peak_mib: number
  embedding: ReportEmbedding
}

/** `report` null: the release is from before there were reports. */
export interface ReleaseReport {
  release: BuiltRelease
  report: Report | null
}

export interface Fall {
  kind: string
  detail: string
  before: number
  after: number
}

export interface Comparison {
  against: string | null
  before: Figures | null
  after: Figures
  falls: Fall[]
}

export interface Publication {
  id: string
  release_id: string
  replaced_id: string | null
  published_at: string | null
  published_by: string
  rolled_back: boolean
  forced_reason: string
}

export type DifferenceKind = 'added' | 'removed' | 'changed'

export interface EntryDifference {
  id: string
  kind: DifferenceKind
  question: string
  fields: { field: string; before: string; after: string }[]
}

export interface DocumentDifference {
  name: string
  kind: DifferenceKind
  before: string
  after: string
}

export interface Difference {
  entries: EntryDifference[]
  documents: DocumentDifference[]
}

/** What the assistant makes of a customer's words; a hello, thanks, and a wish for a human need no entry. */
export const decisions = ['answer', 'clarify', 'handoff', 'human', 'greeting', 'thanks', 'acknowledged', 'task', 'guarded'] as const
export type Decision = (typeof decisions)[number]

/** A guard whose words were said; not `decided`: it let the knowledge go first, which had an answer. */
export interface AskedRule {
  name: string
  kind: string
  action: 'hand_off' | 'say' | 'say_and_hand_off' | 'refuse'
  decided: boolean
  matched: string[]
}

export interface AskResult {
  decision: Decision
  decided_by: 'rule' | 'task' | 'entry' | 'assistant'
  candidates: { entry: Entry; score: number; matched: string }[]
  release_id: string
  threshold: number
  clarify_threshold: number
  /** What would be sent on that channel, its variables filled in. */
  text: string
  task: string | null
  release_number: number | null
  margin: number
  /** Everything that the customer would be sent, in order. */
  says: Content[]
  rule: AskedRule | null
  /** Empty where no human would be asked for. */
  handoff_reason: string
  urgency: string | null
  /** What the task asks for first. */
  open: string
  language: string
  /** The question as it is compared. */
  normalised: string
  day: string
}
