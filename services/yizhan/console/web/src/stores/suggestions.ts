/**
 * Answers that the knowledge has for what the customers of this agent wrote last, and which of them the agent took.
 * They are only shown: nothing here writes into the reply box by itself.
 */

import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { Problem } from '@/api/problem'
import type { Attachment, Content, Suggested, SuggestionUse } from '@/api/types'
import { useGateway } from '@/gateway'
import { isRecord, shelf } from './storage'

/** A customer who writes three messages in a row is asked about once. */
const PAUSE_MS = 300

export interface Offered {
  /** Of the customer's last words that these answers are for. */
  seq: number
  /** The customer waits for an answer. */
  waiting: boolean
  items: readonly Suggested[]
  loading: boolean
  failed: unknown
  /** The agent has had them before their eyes. */
  seen: boolean
  /** What became of them has been told with a reply. */
  told: boolean
}

/** What the agent took into the reply box and has not sent yet. `searched`: they found it themselves, it was not suggested. */
export interface Taken {
  entryId: string
  searched?: true
  text: string
  files: Content[]
}

const nothing: Offered = { seq: 0, waiting: false, items: [], loading: false, failed: null, seen: false, told: false }
const empty: Taken = { entryId: '', text: '', files: [] }

type StoredFile = Extract<Attachment, { type: 'image' | 'file' }>
const isFile = (one: Attachment): one is StoredFile => one.type === 'image' || one.type === 'file'

/** What goes into the reply box: the answer's words, and the addresses of what agents cannot attach. */
export function wordsOf(answer: Suggested): string {
  const links = answer.attachments.flatMap((one) => (!isFile(one) && one.url ? [`${one.title} ${one.url}`.trim()] : []))
  return [answer.text, ...links].join('\n')
}

const isTaken = (value: unknown): value is Taken => isRecord(value) && typeof value['text'] === 'string' && Array.isArray(value['files'])

export const useSuggestions = defineStore('suggestions', () => {
  const stored = shelf<Record<string, unknown>>(sessionStorage, 'yizhan.taken', {}, isRecord)
  const offered = shallowReactive(new Map<string, Offered>())
  const taken = shallowReactive(new Map<string, Taken>(Object.entries(stored.load()).filter((one): one is [string, Taken] => isTaken(one[1]))))
  const asking = new Map<string, AbortController>()

  function change(id: string, to: Partial<Offered>): void {
    offered.set(id, { ...nothing, ...offered.get(id), ...to })
  }

  function keep(id: string, now: Taken): void {
    if (now.text || now.files.length > 0) taken.set(id, now)
    else taken.delete(id)
    stored.save(Object.fromEntries(taken))
  }

  async function ask(id: string, seq: number, round: AbortController): Promise<void> {
    try {
      const { items, message_id } = await useGateway().api.suggestions(id, round.signal)
      if (!round.signal.aborted) offered.set(id, { ...nothing, seq, items, waiting: message_id !== null })
    } catch (error) {
      if (round.signal.aborted) return
      // Who has lost the conversation meanwhile has nothing to answer.
      if (error instanceof Problem && error.kind === 'forbidden') offered.set(id, { ...nothing, seq })
      else change(id, { loading: false, failed: error })
    } finally {
      if (asking.get(id) === round) asking.delete(id)
    }
  }

  function begin(id: string, seq: number, pauseMs: number): void {
    asking.get(id)?.abort()
    const round = new AbortController()
    asking.set(id, round)
    change(id, { seq, loading: true, failed: null })
    if (pauseMs === 0) void ask(id, seq, round)
    else useGateway().timers.set(() => !round.signal.aborted && void ask(id, seq, round), pauseMs)
  }

  return {
    offered,
    taken,
    /** The customer's last words have this place; asks for answers to them, once. */
    follow(id: string, seq: number): void {
      const known = offered.get(id)
      if (!known) begin(id, seq, 0)
      else if (seq > known.seq) begin(id, seq, PAUSE_MS)
    },
    again(id: string): void {
      const known = offered.get(id)
      if (known) begin(id, known.seq, 0)
    },
    saw(id: string): void {
      const known = offered.get(id)
      if (known && !known.seen && known.items.length > 0) change(id, { seen: true })
    },
    /** The agent takes an answer; gives the words for the reply box. */
    take(id: string, answer: Suggested): string {
      const words = wordsOf(answer)
      const suggested = offered.get(id)?.items.some((one) => one.entry_id === answer.entry_id) ?? false
      const before = taken.get(id) ?? empty
      const files = answer.attachments.filter(isFile).map((one): Content => ({ type: one.type, media: one.media }))
      const fresh = files.filter((one) => !before.files.some((other) => mediaId(other) === mediaId(one)))
      keep(id, { entryId: answer.entry_id, ...(!suggested && { searched: true }), text: words, files: [...before.files, ...fresh] })
      return words
    },
    /** The reply box was emptied: what is written next is the agent's own. */
    drop(id: string): void {
      const known = taken.get(id)
      if (known?.text) keep(id, { ...empty, files: known.files })
    },
    dropFile(id: string, media: string): void {
      const known = taken.get(id)
      if (known) keep(id, { ...known, files: known.files.filter((one) => mediaId(one) !== media) })
    },
    /** A reply goes out: what to tell of the suggestions with it, once for each that was shown. */
    use(id: string, text: string): SuggestionUse | null {
      const known = offered.get(id) ?? nothing
      const shown = known.seen && !known.told ? known.items.map((one) => one.entry_id) : []
      const own = known.items.find((one) => wordsOf(one).trim() === text)
      const held = taken.get(id)
      const entry = held?.entryId || (known.seen && own ? own.entry_id : '')
      if (!entry && shown.length === 0) return null
      change(id, { told: true })
      const asIs = (held?.text ?? '').trim() === text || own?.entry_id === entry
      return { entry_id: entry, edited: entry !== '' && !asIs, shown, ...(held?.searched && { searched: true }) }
    },
    /** What was taken has gone out. */
    sent: (id: string) => keep(id, empty),
    /** On the end of a session; what was taken stays with the unfinished replies. */
    stop(): void {
      for (const round of asking.values()) round.abort()
      asking.clear()
      offered.clear()
    },
    /** On signing out: the next person at this computer does not see it. */
    forgetTaken(): void {
      taken.clear()
      stored.save({})
    },
  }
})

function mediaId(content: Content): string {
  return 'media' in content ? content.media.id : ''
}
