/** What travels between the console and `/api/v1`, exactly as on the wire (snake_case, ISO times in UTC). */

import type { TaskView } from './assist-types'

export type * from './assist-types'
export type * from './knowledge-types'
export { channelKinds, decisions, validityFilters } from './knowledge-types'
export type * from './learning-types'
export { missReasons, missStates } from './learning-types'
export type * from './tickets-types'
export { NOBODY, callFilters, callOutcomes, ticketLinkKinds, ticketPriorities, ticketSorts, ticketSources, ticketStatuses, ticketTypes } from './tickets-types'

export type Role = 'agent' | 'supervisor' | 'editor' | 'admin'
export type Presence = 'online' | 'away' | 'offline'
export const awayReasons = ['lunch', 'break', 'training', 'meeting', 'other'] as const
export type AwayReason = (typeof awayReasons)[number]
export type ConversationState = 'bot' | 'queued' | 'offered' | 'assigned' | 'ticketed' | 'closed'
export type AuthorKind = 'customer' | 'bot' | 'agent' | 'system'
export type ReceiptState = 'accepted' | 'delivered' | 'read' | 'failed' | 'unknown' | 'held'
export type Box = 'mine' | 'queued' | 'all' | 'closed'

export interface User {
  id: string
  username: string
  name: string
  roles: Role[]
  locale?: string
}

export interface Session {
  user: User
  csrf: string
}

export interface Media {
  id: string
  mime: string
  name: string
  size: number
  width?: number
  height?: number
  duration_ms?: number
  /** What the platform took a recording for. */
  recognised?: string
  url: string
}

export interface MenuOption {
  id: string
  label: string
}

export interface GoodsCard {
  goods_id: string
  title: string
  price_minor: number
  currency: string
  image_url?: string
  url?: string
}

export type Content =
  | { type: 'text'; text: string }
  | { type: 'image'; media: Media }
  | { type: 'file'; media: Media }
  | { type: 'voice'; media: Media }
  | { type: 'video'; media: Media }
  | { type: 'menu'; menu_id: string; prompt: string; options: MenuOption[] }
  | { type: 'choice'; menu_id: string; option_id: string; label: string; comment?: string }
  | { type: 'link'; url: string; title: string; description: string }
  | { type: 'location'; latitude: number; longitude: number; label: string }
  | { type: 'event'; code: string; text: string }
  | ({ type: 'goods' } & GoodsCard)
  | {
      type: 'order'
      order_id: string
      status: string
      goods: GoodsCard[]
      total_minor: number
      currency: string
      url?: string
    }
  | {
      type: 'logistics'
      order_id: string
      carrier: string
      tracking_number: string
      steps: { at: string; text: string }[]
      url?: string
    }
  | {
      type: 'refund'
      refund_id: string
      order_id: string
      status: string
      amount_minor: number
      currency: string
      url?: string
    }

export interface Grounding {
  release_id: string
  entry_id: string
  score: number
}

/** What the platform still allows to send: nothing after `until`, at most `left` messages (null: any number). */
export interface ReplyWindow {
  until: string
  left: number | null
}

export interface Message {
  seq: number
  id: string
  client_id?: string | null
  author: { kind: AuthorKind; name: string; id?: string }
  content: Content
  sent_at: string
  session: number
  receipt?: ReceiptState | null
  receipt_reason?: string | null
  /** The provider's own words. */
  receipt_detail?: string | null
  /** With `held`: what else was done, so that the customer hears of it. */
  fallback?: string | null
  /** Written by an agent in the platform's own client. */
  elsewhere?: boolean
  grounding?: Grounding | null
}

export interface Customer {
  id: string
  name: string
  verified: boolean
  locale: string
  page_url: string
  page_title: string
  first_seen_at: string | null
}

export interface Conversation {
  id: string
  channel: string
  account: string
  customer: Customer
  state: ConversationState
  epoch: number
  session: number
  agent: { id: string; name: string } | null
  last_seq: number
  last_text: string
  last_author: AuthorKind | null
  last_message_at: string | null
  opened_at: string | null
  rating: number | null
  handoff: { reason: string; at: string } | null
  delivered_seq: number
  read_seq: number
  /** Null where the channel has no such rules. */
  reply_window?: ReplyWindow | null
  /** What the assistant does with the customer step by step, or did last in this session. */
  task?: TaskView | null
  /** What its agent owes the customer next; null: nothing, absent: not known. */
  answer?: AnswerDue | null
}

/** Moments in the contract's open time: lunch, nights and holidays are in them already. */
export interface AnswerDue {
  clock: 'agent_first_response' | 'agent_next_response'
  since: string
  /** From then on it is at risk. */
  risk_at: string
  /** From then on it is overdue. */
  due_at: string
}

export interface Can {
  say: boolean
  close: boolean
  return: boolean
  accept: boolean
}

export interface ConversationDetail {
  conversation: Conversation
  can: Can
}

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface MessagePage {
  messages: Message[]
  head: number
  more: boolean
}

export interface Offer {
  id: string
  conversation_id: string
  customer_name: string
  last_text: string
  reason: string
  made_at: string
  expires_at: string
  deadline: string | null
  epoch: number
  reply_window?: ReplyWindow | null
  group_id?: string | null
  /** 0 low to 3 urgent. */
  priority?: number
  /** Who handed it on, and what they wrote about it. */
  from_agent_id?: string | null
  note?: string
}

export type OfferChange = 'made' | 'lapsed' | 'declined' | 'accepted' | 'withdrawn'

export interface ChannelNumbers {
  channel: string
  accepted: number
  answered: number
  held: number
  queued: number
  refused: number
  duplicate: number
  dead: number
  lost: number
  difference: number
}

export interface StepLatency {
  step: string
  p50_ms: number
  p99_ms: number
  count: number
}

export interface QueueNumbers {
  waiting: number
  offered: number
  assigned: number
  oldest_since: string | null
  agents_online: number
  agents_free: number
  tickets_open: number
}

/** Of one clock: those that ended in the window, and those that came due in it and still run. */
export interface AgentAnswers {
  clock: AnswerDue['clock']
  in_time: number
  late: number
  missed: number
  waiting: number
  excluded: number
  /** Of all but the excluded. */
  share_in_time: number
  open_p50_ms: number
  open_p99_ms: number
}

export interface LiveNumbers {
  at: string
  channels: ChannelNumbers[]
  steps: StepLatency[]
  sessions: number
  handoffs: number
  handoffs_in_window: number
  first_responses: number
  first_response_p50_ms: number
  first_response_p99_ms: number
  first_response_in_target: number
  ratings: number
  rating_average: number
  auto_answered: number
  agent_answers: AgentAnswers[]
  /** Of tickets' solutions, apart from those of conversations. */
  ticket_ratings: number
  ticket_rating_average: number
  ticket_surveys: number
  queue: QueueNumbers
}

export interface Agent {
  id: string
  name: string
  presence: Presence
  load: number
  capacity: number
  enabled: boolean
  presence_reason?: AwayReason | null
  group_ids?: string[]
  supervisor?: boolean
}

export interface Account {
  id: string
  username: string
  name: string
  roles: Role[]
  enabled: boolean
  capacity: number
}
