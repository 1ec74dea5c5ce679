/** What the transcript shows, top to bottom: messages with separators of time and session, holes, own pending ones. */

import type { InternalNote } from '@/api/notes'
import type { Message } from '@/api/types'
import type { Pending } from '@/live/outbox'
import { holes, type Transcript } from '@/live/transcript'

export type Row =
  | { kind: 'time'; key: string; at: string }
  | { kind: 'session'; key: string; session: number; at: string }
  | { kind: 'hole'; key: string }
  | { kind: 'note'; key: string; message: Message }
  /** A word among colleagues, at the place that the gateway gave it. */
  | { kind: 'internal'; key: string; note: InternalNote }
  /** `first`: the author's name and picture are shown; later ones of the same run go without. */
  | { kind: 'message'; key: string; message: Message; first: boolean }
  | { kind: 'pending'; key: string; pending: Pending; first: boolean }

const QUIET_MS = 5 * 60_000
const RUN_MS = 3 * 60_000

function isNote(message: Message): boolean {
  return message.author.kind === 'system' || message.content.type === 'event'
}

function sameRun(before: Message | undefined, message: Message): boolean {
  if (!before || isNote(before)) return false
  const { kind, name } = message.author
  if (before.author.kind !== kind || before.author.name !== name) return false
  return Date.parse(message.sent_at) - Date.parse(before.sent_at) < RUN_MS
}

function startsDay(before: Message, message: Message): boolean {
  return new Date(before.sent_at).toDateString() !== new Date(message.sent_at).toDateString()
}

/** `notes`: by number, so that those after the same message stand in the order of writing. */
export function timeline(transcript: Transcript, pending: readonly Pending[], notes: readonly InternalNote[] = []): Row[] {
  const rows: Row[] = []
  const waiting = [...notes]
  const first = transcript.messages[0]?.seq ?? 0
  /** Those of messages that are not loaded come with them. */
  const shown = (note: InternalNote) => transcript.complete || note.seq >= first
  const notesBefore = (seq: number) => {
    const here: InternalNote[] = []
    while (waiting[0] && waiting[0].seq < seq) here.push(...waiting.splice(0, 1))
    const visible = here.filter(shown)
    rows.push(...visible.map((note) => ({ kind: 'internal' as const, key: `n${note.number}`, note })))
    return visible.length > 0
  }
  const gaps = new Set(holes(transcript))
  let before: Message | undefined
  for (const message of transcript.messages) {
    const quiet = before ? Date.parse(message.sent_at) - Date.parse(before.sent_at) > QUIET_MS : false
    let separated = true
    const interrupted = notesBefore(message.seq)
    if (before ? message.session > before.session : transcript.complete) {
      rows.push({ kind: 'session', key: `s${message.session}`, session: message.session, at: message.sent_at })
    } else if (!before || quiet || startsDay(before, message)) {
      rows.push({ kind: 'time', key: `t${message.seq}`, at: message.sent_at })
    } else {
      separated = interrupted
    }
    if (isNote(message)) rows.push({ kind: 'note', key: `m${message.seq}`, message })
    else rows.push({ kind: 'message', key: `m${message.seq}`, message, first: separated || !sameRun(before, message) })
    if (gaps.has(message.seq)) rows.push({ kind: 'hole', key: `h${message.seq}` })
    before = message
  }
  notesBefore(Infinity)
  pending.forEach((item, at) => {
    rows.push({ kind: 'pending', key: `p${item.clientId}`, pending: item, first: at === 0 && before?.author.kind !== 'agent' })
  })
  return rows
}

export interface Piece {
  text: string
  href: string | null
}

const ADDRESS = /https?:\/\/[^\s<>"'，。；！？、（）【】《》]+/g

/** A text with its web addresses set apart, so that they can be links without any HTML being made of customers' words. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let from = 0
  for (const match of text.matchAll(ADDRESS)) {
    const href = match[0].replace(/[.,;:!?)\]]+$/, '')
    if (match.index > from) found.push({ text: text.slice(from, match.index), href: null })
    found.push({ text: href, href })
    from = match.index + href.length
  }
  if (from < text.length) found.push({ text: text.slice(from), href: null })
  return found
}

const PLAYABLE = {
  voice: ['audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/ogg', 'audio/wav', 'audio/x-wav', 'audio/webm'],
  video: ['video/mp4', 'video/webm', 'video/ogg'],
}

/** Whether browsers play this kind of file; AMR, which phones record, they do not. */
export function plays(kind: 'voice' | 'video', mime: string): boolean {
  return PLAYABLE[kind].includes(mime.split(';')[0]?.trim().toLowerCase() ?? '')
}

/** An address that may be shown or opened: our own media, a preview made here, or the web. Never `javascript:`. */
export function safeUrl(url: string | null | undefined): string | null {
  if (!url) return null
  try {
    const { protocol } = new URL(url, document.baseURI)
    return ['http:', 'https:', 'blob:'].includes(protocol) ? url : null
  } catch {
    return null
  }
}
