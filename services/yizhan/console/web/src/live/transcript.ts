/**
 * What one screen knows of a conversation's messages. All functions are pure: they return a new transcript, or the
 * same one where nothing changed. Messages are unique by seq and kept in its order, so that repeated and late frames
 * do no harm and every screen shows the same order.
 */

import type { Message, ReceiptState } from '@/api/types'

export interface Transcript {
  /** Ascending by seq, each seq once. There may be holes while a catch-up is under way. */
  readonly messages: readonly Message[]
  /** The highest seq known to exist. */
  readonly head: number
  /** Nothing older than the first message exists. */
  readonly complete: boolean
}

export const emptyTranscript: Transcript = { messages: [], head: 0, complete: false }

const rank: Record<ReceiptState, number> = { held: -1, unknown: 0, accepted: 1, failed: 2, delivered: 3, read: 4 }

/** What "everything up to here" does not speak of. */
const settled = new Set<ReceiptState>(['failed', 'unknown', 'held'])

/** Later knowledge wins over earlier; an answer that was overtaken changes nothing. */
export function laterReceipt(
  known: ReceiptState | null | undefined,
  said: ReceiptState | null | undefined,
): ReceiptState | null {
  if (!known) return said ?? null
  if (!said) return known
  return rank[said] > rank[known] ? said : known
}

function merged(known: Message, said: Message): Message {
  const receipt = laterReceipt(known.receipt, said.receipt)
  const told = (now?: string | null, before?: string | null) => (receipt === said.receipt ? now : null) ?? before ?? null
  return {
    ...known,
    ...said,
    client_id: said.client_id ?? known.client_id ?? null,
    grounding: said.grounding ?? known.grounding ?? null,
    receipt,
    receipt_reason: told(said.receipt_reason, known.receipt_reason),
    receipt_detail: told(said.receipt_detail, known.receipt_detail),
    fallback: told(said.fallback, known.fallback),
  }
}

/** Takes messages in, from any source and in any order. */
export function withMessages(transcript: Transcript, messages: readonly Message[], head = 0): Transcript {
  const highest = messages.reduce((top, message) => Math.max(top, message.seq), Math.max(transcript.head, head))
  if (messages.length === 0) return highest === transcript.head ? transcript : { ...transcript, head: highest }
  const last = transcript.messages.at(-1)
  const only = messages.length === 1 ? messages[0] : undefined
  if (only && (!last || only.seq > last.seq)) {
    return { ...transcript, messages: [...transcript.messages, only], head: highest }
  }
  const bySeq = new Map(transcript.messages.map((message) => [message.seq, message]))
  for (const message of messages) {
    const known = bySeq.get(message.seq)
    bySeq.set(message.seq, known ? merged(known, message) : message)
  }
  const ordered = [...bySeq.values()].sort((a, b) => a.seq - b.seq)
  return { ...transcript, messages: ordered, head: highest }
}

/** An older page arrived; `more` tells whether there is anything before it. */
export function withOlder(transcript: Transcript, messages: readonly Message[], more: boolean): Transcript {
  return { ...withMessages(transcript, messages), complete: !more }
}

/** The last seq up to which nothing is missing: the cursor for `?after=`. */
export function cursor(transcript: Transcript): number {
  let reached = transcript.messages[0]?.seq ?? 0
  for (const message of transcript.messages) {
    if (message.seq > reached + 1) break
    reached = message.seq
  }
  return reached
}

/** Whether messages are known to exist that this screen does not have. */
export function behind(transcript: Transcript): boolean {
  return cursor(transcript) < transcript.head
}

/** Seqs after which something is missing, for a visible mark instead of a silent hole. */
export function holes(transcript: Transcript): number[] {
  const { messages } = transcript
  return messages.filter((message, at) => (messages[at + 1]?.seq ?? message.seq + 1) > message.seq + 1).map((m) => m.seq)
}

/**
 * A receipt for the message with this seq. "delivered" and "read" also cover what was sent to the customer before it,
 * except what is known to have failed, whose outcome is unknown, or what is held. What is held may wait for another
 * reason by now.
 */
export function withReceipt(
  transcript: Transcript,
  seq: number,
  state: ReceiptState,
  reason: string | null = null,
  fallback: string | null = null,
): Transcript {
  const covers = state === 'delivered' || state === 'read'
  let changed = false
  const messages = transcript.messages.map((message) => {
    if (message.author.kind === 'customer' || message.seq > seq) return message
    const own = message.seq === seq
    if (!own && (!covers || (message.receipt && settled.has(message.receipt)))) return message
    if (!own && message.author.kind === 'system') return message
    const receipt = laterReceipt(message.receipt, state)
    const waitsOn = own && state === 'held' && receipt === 'held' && (message.receipt_reason !== reason || message.fallback !== fallback)
    if (receipt === (message.receipt ?? null) && !waitsOn) return message
    changed = true
    return { ...message, receipt, receipt_reason: own ? reason : null, receipt_detail: null, fallback: own ? fallback : null }
  })
  return changed ? { ...transcript, messages } : transcript
}
