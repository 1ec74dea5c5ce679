/** Frames of `WS /api/v1/live`. Frames are hints: losing any of them loses nothing, since every screen catches up by REST. */

import type { InternalNote } from '@/api/notes'
import type { AnswerDue, AuthorKind, ConversationState, Message, Offer, OfferChange, Presence, ReceiptState, ReplyWindow } from '@/api/types'

export interface ConversationHint {
  id: string
  state?: ConversationState
  epoch?: number
  agent?: { id: string; name: string } | null
  last_seq?: number
  session?: number
  /** With `last_seq`, after a new message: what a list shows of it. */
  last_text?: string
  last_author?: AuthorKind | null
  last_message_at?: string | null
  /** With a customer's message, where the channel has such rules. */
  reply_window?: ReplyWindow | null
  /** When its agent owes an answer, or has given it. */
  answer?: AnswerDue | null
}

/** Words (`client_id`), or what was done with a conversation (`action`), that were not taken after all. */
export interface RefusedFrame {
  type: 'refused'
  conversation_id: string
  client_id: string
  action: '' | 'take' | 'transfer' | 'return' | 'close'
  reason: string
}

export interface ReceiptFrame {
  type: 'receipt'
  conversation_id: string
  seq: number
  state: ReceiptState
  reason?: string | null
  fallback?: string | null
  /** What may be sent after this. */
  reply_window?: ReplyWindow | null
}

export type OfferHint = Partial<Offer> & { id: string; conversation_id: string; change: OfferChange }

/** A ticket was made or changed. */
export interface TicketHint {
  id: string
  number: string
  agent_id: string | null
  before_agent_id: string | null
  by_id: string
}

export type Doing = 'viewing' | 'noting' | 'replying'

export interface Colleague {
  id: string
  name: string
  doing: Doing
}

export type ServerFrame =
  | { type: 'hello' }
  | { type: 'message'; conversation_id: string; message: Message }
  | { type: 'conversation'; conversation: ConversationHint }
  | { type: 'typing'; conversation_id: string; author: { kind: string; name?: string } }
  | ReceiptFrame
  | { type: 'offer'; offer: OfferHint }
  | { type: 'ticket'; ticket: TicketHint }
  | { type: 'note'; conversation_id: string; note: InternalNote }
  /** Colleagues who have the conversation open as well. */
  | { type: 'attending'; conversation_id: string; people: Colleague[] }
  | RefusedFrame
  | { type: 'presence'; agent_id: string; state: Presence }
  /** From here on the frames of what was last asked to watch come. */
  | { type: 'watching' }
  | { type: 'gap' }
  | { type: 'pong' }

export type ClientFrame = { type: 'ping' } | { type: 'watch'; conversation_ids: string[]; last_words?: false } | { type: 'attend'; conversation_id: string; doing: Doing }

const known = new Set<string>([
  'hello',
  'message',
  'conversation',
  'typing',
  'receipt',
  'offer',
  'ticket',
  'note',
  'attending',
  'refused',
  'presence',
  'watching',
  'gap',
  'pong',
] satisfies ServerFrame['type'][])

/** The frame in a text, or null for what this console does not know (a newer gateway may say more). */
export function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null
  try {
    const frame: unknown = JSON.parse(data)
    if (typeof frame !== 'object' || frame === null || !('type' in frame)) return null
    return typeof frame.type === 'string' && known.has(frame.type) ? (frame as ServerFrame) : null
  } catch {
    return null
  }
}
