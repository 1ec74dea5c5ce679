/** Which conversations a box shows and in which order, from what the screen knows. Pure. */

import type { Box, Conversation, Message } from '@/api/types'
import type { ConversationHint } from './frames'

export function belongs(box: Box, conversation: Conversation, me: string): boolean {
  switch (box) {
    case 'mine':
      return conversation.state === 'assigned' && conversation.agent?.id === me
    case 'queued':
      return conversation.state === 'queued' || conversation.state === 'offered'
    case 'closed':
      return conversation.state === 'closed'
    case 'all':
      return true
  }
}

/** Smaller comes first: who waits longest in the queue, who spoke last elsewhere. */
export function sortKey(box: Box, conversation: Conversation): number {
  if (box === 'queued') return Date.parse(conversation.handoff?.at ?? conversation.last_message_at ?? '') || 0
  return -(Date.parse(conversation.last_message_at ?? conversation.opened_at ?? '') || 0)
}

/**
 * A box's list. `horizon` is the sort key of the last conversation that the gateway listed for it, or null when it
 * listed all: what lies beyond would stand there with holes in between.
 */
export function listed(
  box: Box,
  conversations: Iterable<Conversation>,
  me: string,
  horizon: number | null,
): Conversation[] {
  const keyed = [...conversations]
    .filter((conversation) => belongs(box, conversation, me))
    .map((conversation) => ({ conversation, key: sortKey(box, conversation) }))
    .filter(({ key }) => horizon === null || key <= horizon)
  keyed.sort((a, b) => a.key - b.key || (a.conversation.id < b.conversation.id ? -1 : 1))
  return keyed.map(({ conversation }) => conversation)
}

/** A conversation after a state hint; hints of an older ownership than the known one are ignored. */
export function withHint(conversation: Conversation, hint: ConversationHint): Conversation {
  if (hint.epoch !== undefined && hint.epoch < conversation.epoch) return conversation
  return {
    ...conversation,
    ...lastWords(conversation, hint),
    state: hint.state ?? conversation.state,
    epoch: hint.epoch ?? conversation.epoch,
    agent: hint.agent === undefined ? conversation.agent : hint.agent,
    session: Math.max(hint.session ?? 0, conversation.session),
    last_seq: Math.max(hint.last_seq ?? 0, conversation.last_seq),
    reply_window: hint.reply_window ?? conversation.reply_window ?? null,
    answer: hint.answer === undefined ? conversation.answer : hint.answer,
  }
}

/** What a list shows of the newest message. A system note moves the row without hiding what people said. */
function lastWords(conversation: Conversation, hint: ConversationHint): Partial<Conversation> {
  if (hint.last_text === undefined || (hint.last_seq ?? 0) < conversation.last_seq) return {}
  const at = { last_message_at: hint.last_message_at ?? conversation.last_message_at }
  if (hint.last_author === 'system') return at
  return { ...at, last_text: hint.last_text, last_author: hint.last_author ?? conversation.last_author }
}

/** A conversation's list row after a message; `preview` is what the row shows of it. */
export function withLastMessage(conversation: Conversation, message: Message, preview: string): Conversation {
  if (message.seq < conversation.last_seq) return conversation
  const said = message.author.kind !== 'system'
  return {
    ...conversation,
    last_seq: message.seq,
    session: Math.max(message.session, conversation.session),
    last_text: said ? preview : conversation.last_text,
    last_author: said ? message.author.kind : conversation.last_author,
    last_message_at: message.sent_at,
  }
}

/**
 * A conversation after the gateway listed it again. An answer may have been overtaken by frames on its way: the later
 * ownership (epoch) and the later message (last_seq) win. A window wins, too, that a frame has `toldSince` it was asked:
 * what may be sent also changes without a message. So does what is owed (`owedSince`).
 */
export function withSnapshot(known: Conversation | undefined, snapshot: Conversation, toldSince = false, owedSince = false): Conversation {
  if (!known) return snapshot
  const owner = snapshot.epoch < known.epoch ? { state: known.state, epoch: known.epoch, agent: known.agent } : {}
  const older = snapshot.last_seq < known.last_seq
  const last = older
    ? {
        last_seq: known.last_seq,
        last_text: known.last_text,
        last_author: known.last_author,
        last_message_at: known.last_message_at,
        session: Math.max(known.session, snapshot.session),
      }
    : {}
  const window = older || toldSince ? { reply_window: known.reply_window ?? null } : {}
  const owed = owedSince || snapshot.answer === undefined ? { answer: known.answer } : {}
  return { ...snapshot, ...owner, ...last, ...window, ...owed }
}
