/** Tickets on the wire. */

import type { ConversationState, ReceiptState, ReplyWindow } from './types'

export const ticketStatuses = ['open', 'reopened', 'pending', 'on_hold', 'solved', 'closed'] as const
export const ticketTypes = ['question', 'complaint', 'after_sales', 'request', 'fault', 'other'] as const
export const ticketPriorities = ['urgent', 'high', 'normal', 'low'] as const
export const ticketSources = ['handoff', 'off_hours', 'window_closed', 'agent', 'email', 'left_message', 'callback'] as const
export const callOutcomes = ['reached', 'not_reached', 'cancelled'] as const
export const callFilters = ['owed', 'late', 'any'] as const
export const ticketSorts = ['created', 'updated', 'due', 'priority', 'customer_waiting'] as const
export const ticketLinkKinds = ['relates', 'duplicates', 'causes'] as const

export type TicketStatus = (typeof ticketStatuses)[number]
export type TicketType = (typeof ticketTypes)[number]
export type TicketPriority = (typeof ticketPriorities)[number]
export type TicketSource = (typeof ticketSources)[number]
export type CallOutcome = (typeof callOutcomes)[number]
export type CallFilter = (typeof callFilters)[number]
export type TicketSort = (typeof ticketSorts)[number]
export type TicketLinkKind = (typeof ticketLinkKinds)[number]

export interface Person {
  id: string
  name: string
}

/** The call that a customer was promised. */
export interface PromisedCall {
  at: string | null
  state: 'promised' | 'due' | 'missed' | 'taken' | 'done' | 'failed' | 'cancelled' | 'settled'
  /** A promise of it was missed, whatever came after. */
  late: boolean
  tries: number
}

export interface Ticket {
  id: string
  number: string
  type: TicketType
  priority: TicketPriority
  status: TicketStatus
  title: string
  source: TicketSource
  reason: string
  conversation_id: string
  channel: string
  account: string
  customer: Person
  last_text: string
  agent: Person | null
  group_id: string | null
  watchers: Person[]
  tags: string[]
  created_at: string
  updated_at: string | null
  /** What the customer was told; it never moves. */
  promised_by: string | null
  response_due: string | null
  /** The clock; a pause moves it. */
  solution_due: string | null
  first_response_at: string | null
  solved_at: string | null
  closed_at: string | null
  /** Since when the clock rests. */
  paused_at: string | null
  /** The customer wrote then, and nobody has seen to it. */
  customer_waiting_since: string | null
  overdue: boolean
  /** How the customer wants to be reached; in lists the middle of the number is hidden. */
  contact: { phone: string } | null
  callback: PromisedCall | null
  rating: number | null
  /** What the customer said with it. */
  rating_comment: string
  rated_at: string | null
  /** Whether the customer was asked about the present solution. */
  survey: TicketSurvey | null
  survey_reason: string | null
  surveyed_at: string | null
  contract_version: string
  calendar_version: string
  /** The id of the ticket that this one became part of. */
  merged_into: string | null
  revision: number
}

/** `with_session`: the session that ended with the solution asked how it was. */
export type TicketSurvey = 'waiting' | 'with_session' | 'asked' | 'not_asked'

/** As an assignee or group in a filter: nobody, none. */
export const NOBODY = 'none'

/** Fields narrow each other; of several values in one any will do, but a ticket must have all `tag`s. */
export interface TicketFilter {
  status: TicketStatus[]
  assignee: string[]
  group: string[]
  priority: TicketPriority[]
  type: TicketType[]
  source: TicketSource[]
  tag: string[]
  overdue: boolean
  mine: boolean
  watching: boolean
  customer_waiting: boolean
  callbacks: CallFilter | ''
  conversation: string
  text: string
}

export interface TicketView {
  id: string
  name: string
  shared: boolean
  sort: TicketSort
  revision: number
  filter: TicketFilter
}

/** What is to be different; what is left out stays. An empty assignee or group: nobody, none. */
export interface TicketEdit {
  status?: TicketStatus
  assignee?: string
  group?: string
  priority?: TicketPriority
  type?: TicketType
  title?: string
  add_tags?: string[]
  remove_tags?: string[]
  add_watchers?: string[]
  remove_watchers?: string[]
}

export const ticketEventKinds = [
  'created', 'status', 'assignee', 'group', 'priority', 'type', 'title', 'tag', 'watcher', 'note', 'taken', 'answered', 'replied', 'reply_held', 'reply_unsaid', 'wrote', 'left_message', 'callback', 'surveyed', 'rated', 'comment', 'linked',
  'unlinked', 'merged', 'absorbed', 'unmerged',
] as const

export interface TicketEvent {
  id: string
  at: string
  by: Person & { role: 'agent' | 'supervisor' | 'customer' | 'system' }
  kind: (typeof ticketEventKinds)[number]
  before: string
  after: string
  note_id: string | null
}

/** `ticket_id` is another's where that one was merged into this. */
export interface TicketNote {
  id: string
  ticket_id: string
  at: string
  author: Person
  text: string
}

/** How far a reply got: with the conversation, then with its channel. */
export type TicketReplyState = 'sending' | 'refused' | 'said' | ReceiptState

/** An agent's words to the customer on a ticket. `reason`: why it was refused, is held or failed. */
export interface TicketReply {
  id: string
  ticket_id: string
  at: string
  author: Person
  text: string
  state: TicketReplyState
  reason: string
  fallback: string
}

export interface TicketReplies {
  replies: TicketReply[]
  /** Who has the customer now; null where it is gone. */
  conversation: { id: string; channel: string; state: ConversationState; agent: Person | null; reply_window: ReplyWindow | null } | null
}

/** Not `outgoing` and `causes`: the other one causes this one. */
export interface TicketLink {
  kind: TicketLinkKind
  outgoing: boolean
  other: Ticket
  at: string
  by: Person
}

export interface TicketDetails {
  ticket: Ticket
  history: TicketEvent[]
  notes: TicketNote[]
  links: TicketLink[]
  merged: Ticket[]
  followers: Person[]
  /** What the viewer may make of it. */
  next_statuses: TicketStatus[]
}

/** What became of one ticket of a bulk edit; `code` null: it was done. */
export interface TicketOutcome {
  id: string
  code: string | null
  detail: string
  ticket: Ticket | null
}

export interface NewTicket {
  client_id: string
  conversation_id: string
  title: string
  type: TicketType
  priority: TicketPriority
  assignee: string
  group: string
  tags: string[]
}
