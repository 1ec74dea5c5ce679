/** An entry as it is being edited. Pure: what the form holds, what goes out, what differs. */

import { channelKinds, type Attachment, type AttachmentIn, type ChannelKind, type EntryIn, type FullEntry } from '@/api/types'

export const MOST_QUESTION = 200
export const MOST_ANSWER = 4_000
export const MOST_ATTACHMENTS = 5

/** `paraphrases` has one per line; days are empty where there is no limit. */
export interface EntryForm {
  id: string
  question: string
  paraphrases: string
  answer: string
  category: string
  variants: { channel: string; text: string }[]
  valid_from: string
  valid_until: string
  attachments: Attachment[]
}

/** A copy that shares nothing; what is watched by Vue cannot be cloned otherwise. */
export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

export function emptyForm(): EntryForm {
  return { id: '', question: '', paraphrases: '', answer: '', category: '', variants: [], valid_from: '', valid_until: '', attachments: [] }
}

export function formOf(entry: FullEntry): EntryForm {
  const known: readonly string[] = channelKinds
  const channels = [...channelKinds.filter((kind) => kind in entry.variants), ...Object.keys(entry.variants).filter((kind) => !known.includes(kind))]
  return {
    id: entry.id,
    question: entry.question,
    paraphrases: entry.paraphrases.join('\n'),
    answer: entry.answer,
    category: entry.category,
    variants: channels.map((channel) => ({ channel, text: entry.variants[channel] ?? '' })),
    valid_from: entry.valid_from ?? '',
    valid_until: entry.valid_until ?? '',
    attachments: copyOf(entry.attachments),
  }
}

export function lines(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter(Boolean)
}

function outgoing(one: Attachment): AttachmentIn {
  switch (one.type) {
    case 'link':
      return { type: 'link', url: one.url.trim(), title: one.title.trim(), description: one.description }
    case 'goods': {
      const { goods_id, title, price_minor, currency, image_url, url } = one
      return { type: 'goods', goods_id, title, price_minor, currency, image_url: image_url ?? '', url: url ?? '' }
    }
    default:
      return { type: one.type, media: { id: one.media.id } }
  }
}

export function entryIn(form: EntryForm): EntryIn {
  return {
    id: form.id.trim(),
    question: form.question.trim(),
    paraphrases: lines(form.paraphrases),
    answer: form.answer.trim(),
    category: form.category.trim(),
    variants: Object.fromEntries(form.variants.filter((one) => one.text.trim()).map((one) => [one.channel, one.text.trim()])),
    valid_from: form.valid_from || null,
    valid_until: form.valid_until || null,
    attachments: form.attachments.map(outgoing),
  }
}

/** Whether two forms would be saved as the same entry. */
export function same(one: EntryForm, other: EntryForm): boolean {
  return JSON.stringify(entryIn(one)) === JSON.stringify(entryIn(other))
}

export function freeChannels(form: EntryForm): ChannelKind[] {
  return channelKinds.filter((kind) => !form.variants.some((one) => one.channel === kind))
}

/** Phrasings that are there twice, whatever their case; the question counts. */
export function duplicates(form: EntryForm): string[] {
  const seen = new Set<string>()
  return [form.question.trim(), ...lines(form.paraphrases)].filter(Boolean).filter((phrasing) => {
    const key = phrasing.normalize('NFKC').toLowerCase()
    const again = seen.has(key)
    seen.add(key)
    return again
  })
}

/** Whether the first day is after the last. */
export function backwards(form: { valid_from: string; valid_until: string }): boolean {
  return form.valid_from !== '' && form.valid_until !== '' && form.valid_from > form.valid_until
}

export type Validity = 'now' | 'ending' | 'expired' | 'later'

const ENDING_DAYS = 30

/** `today` as 2026-11-22. What is valid, and not any more in 30 days, is ending. */
export function validityOf(entry: { valid_from: string | null; valid_until: string | null }, today: string): Validity {
  if (entry.valid_until && entry.valid_until < today) return 'expired'
  if (entry.valid_from && entry.valid_from > today) return 'later'
  return entry.valid_until && entry.valid_until <= daysLater(today, ENDING_DAYS) ? 'ending' : 'now'
}

function daysLater(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}

export function dayOf(ms: number): string {
  const at = new Date(ms)
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`
}
