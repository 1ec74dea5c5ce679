/** The transcripts that this screen has loaded, each caught up from its own cursor. */

import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import { Problem } from '@/api/problem'
import type { Message, ReceiptState } from '@/api/types'
import { useGateway } from '@/gateway'
import {
  behind,
  cursor,
  emptyTranscript,
  withMessages,
  withOlder,
  withReceipt,
  type Transcript,
} from '@/live/transcript'

const PAGE = 50
const CATCH_UP_PAGE = 200
/** Further behind than this, a transcript is loaded anew from its end instead of being filled page by page. */
const HOPELESS = 1_000
const KEPT = 20
const RETRY_MS = 3_000
/** When a message to the customer has no receipt by then, it is asked for: its frame may have been lost. */
const RECEIPT_AFTER_MS = [3_000, 15_000]
const RECEIPTS_ASKED = 50
const TYPING_MS = 6_000
/** How long a message may come after the hint that it exists before it is fetched. */
const ON_ITS_WAY_MS = 800

export interface LoadState {
  loading: boolean
  loadingOlder: boolean
  failed: unknown
}

export const useTranscripts = defineStore('transcripts', () => {
  const loaded = shallowReactive(new Map<string, Transcript>())
  const states = shallowReactive(new Map<string, LoadState>())
  const typing = shallowReactive(new Map<string, number>())
  const running = new Map<string, Promise<void>>()
  const again = new Set<string>()
  const expecting = new Set<string>()
  let arrived: (id: string, messages: readonly Message[]) => void = () => undefined

  function show(id: string, change: Partial<LoadState>): void {
    states.set(id, { loading: false, loadingOlder: false, failed: null, ...states.get(id), ...change })
  }

  function take(id: string, messages: readonly Message[], head = 0): void {
    const transcript = loaded.get(id)
    if (!transcript) return
    loaded.set(id, withMessages(transcript, messages, head))
    arrived(id, messages)
  }

  /** Loads the end of a transcript, or catches up where it is loaded already. */
  async function open(id: string, lastSeq: number): Promise<void> {
    const existing = loaded.get(id)
    if (existing) {
      loaded.delete(id) // to the end of the map: most recently used
      loaded.set(id, existing)
      return catchUp(id)
    }
    show(id, { loading: true, failed: null })
    try {
      const page = await useGateway().api.messages(id, { before: lastSeq + 1, limit: PAGE })
      loaded.set(id, withOlder(withMessages(emptyTranscript, [], page.head), page.messages, page.more))
      arrived(id, page.messages)
      show(id, { loading: false })
      forgetOldest(id)
      if (behind(loaded.get(id) ?? emptyTranscript)) await catchUp(id)
    } catch (error) {
      show(id, { loading: false, failed: error })
      throw error
    }
  }

  async function older(id: string): Promise<void> {
    const transcript = loaded.get(id)
    const first = transcript?.messages[0]
    if (!transcript || !first || transcript.complete || states.get(id)?.loadingOlder) return
    show(id, { loadingOlder: true })
    try {
      const page = await useGateway().api.messages(id, { before: first.seq, limit: PAGE })
      loaded.set(id, withOlder(loaded.get(id) ?? transcript, page.messages, page.more))
    } finally {
      show(id, { loadingOlder: false })
    }
  }

  /** Fetches what is missing after the cursor. Calls during a running catch-up make it look once more. */
  function catchUp(id: string): Promise<void> {
    const under = running.get(id)
    if (under) {
      again.add(id)
      return under
    }
    const run = fetchMissing(id).finally(() => {
      running.delete(id)
      if (again.delete(id)) void catchUp(id)
    })
    running.set(id, run)
    return run
  }

  async function fetchMissing(id: string): Promise<void> {
    try {
      for (;;) {
        const transcript = loaded.get(id)
        if (!transcript) return
        const page = await useGateway().api.messages(id, { after: cursor(transcript), limit: CATCH_UP_PAGE })
        if (page.head - cursor(transcript) > HOPELESS) return await reload(id, page.head)
        take(id, page.messages, page.head)
        if (!page.more || page.messages.length === 0) return await askReceipts(id, isHeld)
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      if (error.passing) useGateway().timers.set(() => void catchUp(id), RETRY_MS)
    }
  }

  const unreported = (one: Message): boolean => one.author.kind === 'agent' && !one.receipt
  const isHeld = (one: Message): boolean => one.receipt === 'held'

  /** Looks again at the latest messages to the customer of which more may be known by now. */
  async function askReceipts(id: string, which = unreported): Promise<void> {
    const first = loaded.get(id)?.messages.filter(which).slice(-RECEIPTS_ASKED)[0]
    if (!first) return
    try {
      const page = await useGateway().api.messages(id, { after: first.seq - 1, limit: CATCH_UP_PAGE })
      take(id, page.messages, page.head)
    } catch (error) {
      if (!(error instanceof Problem)) throw error // without an answer the mark stays away, as before
    }
  }

  function expectReceipt(id: string): void {
    if (expecting.has(id)) return
    expecting.add(id)
    const [soon = 0, late = 0] = RECEIPT_AFTER_MS
    const { timers } = useGateway()
    timers.set(() => {
      expecting.delete(id)
      void askReceipts(id)
    }, soon)
    timers.set(() => void askReceipts(id), late)
  }

  async function reload(id: string, head: number): Promise<void> {
    const page = await useGateway().api.messages(id, { before: head + 1, limit: PAGE })
    loaded.set(id, withOlder(withMessages(emptyTranscript, [], page.head), page.messages, page.more))
    arrived(id, page.messages)
  }

  function forgetOldest(open: string): void {
    for (const id of loaded.keys()) {
      if (loaded.size <= KEPT) return
      if (id !== open) loaded.delete(id)
    }
  }

  return {
    loaded,
    states,
    typing,
    open,
    older,
    catchUp,
    /** A frame brought a message; a hole before it starts a catch-up. */
    receive(id: string, message: Message): void {
      if (message.author.kind === 'customer') typing.delete(id)
      if (!loaded.has(id)) return
      take(id, [message])
      if (message.author.kind === 'agent') expectReceipt(id)
      if (behind(loaded.get(id) ?? emptyTranscript)) void catchUp(id)
    },
    /** A state hint told of a later head than this screen has. */
    heard(id: string, lastSeq: number): void {
      const missing = () => {
        const transcript = loaded.get(id)
        return transcript !== undefined && lastSeq > cursor(transcript)
      }
      if (missing()) useGateway().timers.set(() => missing() && void catchUp(id), ON_ITS_WAY_MS)
    },
    receipt(id: string, seq: number, state: ReceiptState, reason: string | null, fallback: string | null = null): void {
      const transcript = loaded.get(id)
      if (transcript) loaded.set(id, withReceipt(transcript, seq, state, reason, fallback))
    },
    isTyping(id: string): void {
      const until = Date.now() + TYPING_MS
      typing.set(id, until)
      useGateway().timers.set(() => {
        if (typing.get(id) === until) typing.delete(id)
      }, TYPING_MS)
    },
    /** After a return: keeps the transcripts that are caught up anyway, drops the others. */
    keepOnly(ids: ReadonlySet<string>): void {
      for (const id of loaded.keys()) if (!ids.has(id)) loaded.delete(id)
    },
    onArrived(run: (id: string, messages: readonly Message[]) => void): void {
      arrived = run
    },
    forget(): void {
      loaded.clear()
      states.clear()
      typing.clear()
      again.clear()
      expecting.clear()
    },
  }
})
