/** Internal notes of the conversations that were opened here, and those that this agent wrote and are not there yet. */

import { defineStore } from 'pinia'
import { shallowReactive, shallowRef } from 'vue'
import type { InternalNote } from '@/api/notes'
import { useGateway } from '@/gateway'
import { isRecord, shelf } from './storage'

/** When a note that the gateway took is asked for, should its frame be lost. */
const EXPECTED_MS = [1_500, 6_000]

export interface Notes {
  /** By number. */
  readonly items: readonly InternalNote[]
  /** Everything up to this number was asked for. */
  readonly after: number
  readonly failed: unknown
}

/** Written here, and not known to stand on the transcript. Nothing written is lost: it stays until it does. */
export interface WrittenNote {
  clientId: string
  conversationId: string
  text: string
  whisperTo: string
  state: 'sending' | 'accepted' | 'failed'
  failed: unknown
}

const none: Notes = { items: [], after: 0, failed: null }

function isWritten(value: unknown): value is WrittenNote {
  return isRecord(value) && typeof value['clientId'] === 'string' && typeof value['conversationId'] === 'string' && typeof value['text'] === 'string' && typeof value['whisperTo'] === 'string'
}

const isWrittenList = (value: unknown): value is WrittenNote[] => Array.isArray(value) && value.every(isWritten)

function merged(known: readonly InternalNote[], more: readonly InternalNote[]): InternalNote[] {
  const byNumber = new Map([...known, ...more].map((note) => [note.number, note]))
  return [...byNumber.values()].sort((a, b) => a.number - b.number)
}

export const useNotes = defineStore('notes', () => {
  const loaded = shallowReactive(new Map<string, Notes>())
  const written = shallowRef<readonly WrittenNote[]>([])
  const running = new Map<string, Promise<void>>()
  const again = new Set<string>()
  let stored = shelf<WrittenNote[]>(sessionStorage, 'yizhan.notes', [], isWrittenList)

  function keep(items: readonly WrittenNote[]): void {
    written.value = items
    stored.save(items.map((item) => ({ ...item, failed: null })))
  }

  function change(clientId: string, part: Partial<WrittenNote>): void {
    keep(written.value.map((item) => (item.clientId === clientId ? { ...item, ...part } : item)))
  }

  function take(id: string, notes: readonly InternalNote[], after: number): void {
    const known = loaded.get(id) ?? none
    loaded.set(id, { items: merged(known.items, notes), after: Math.max(known.after, after), failed: null })
    const there = new Set(notes.map((note) => note.client_id))
    if (written.value.some((item) => there.has(item.clientId))) keep(written.value.filter((item) => !there.has(item.clientId)))
  }

  async function fetchMissing(id: string): Promise<void> {
    try {
      for (;;) {
        const page = await useGateway().api.notes(id, loaded.get(id)?.after ?? 0)
        take(id, page.notes, page.after)
        if (!page.more) return
      }
    } catch (error) {
      loaded.set(id, { ...(loaded.get(id) ?? none), failed: error })
    }
  }

  /** What came after the last note that is known here. Asked for while it is on its way, it is asked for once more. */
  function catchUp(id: string): Promise<void> {
    const under = running.get(id)
    if (under) {
      again.add(id)
      return under
    }
    const run = fetchMissing(id).finally(() => {
      running.delete(id)
      if (again.delete(id)) return catchUp(id)
    })
    running.set(id, run)
    return run
  }

  async function send(note: WrittenNote): Promise<void> {
    change(note.clientId, { state: 'sending', failed: null })
    const { api, timers } = useGateway()
    try {
      const whisper = note.whisperTo ? { whisper_to: note.whisperTo } : {}
      await api.addNote(note.conversationId, { text: note.text, client_id: note.clientId, ...whisper })
      change(note.clientId, { state: 'accepted' })
      for (const ms of EXPECTED_MS) {
        timers.set(() => {
          if (written.value.some((item) => item.clientId === note.clientId)) void catchUp(note.conversationId)
        }, ms)
      }
    } catch (error) {
      change(note.clientId, { state: 'failed', failed: error })
    }
  }

  return {
    loaded,
    written,
    catchUp,
    of: (id: string): Notes => loaded.get(id) ?? none,
    start(user: string): void {
      stored = shelf<WrittenNote[]>(sessionStorage, `yizhan.notes.${user}`, [], isWrittenList)
      written.value = stored.load().map((item) => ({ ...item, state: 'failed', failed: null }))
    },
    /** A frame brought a note; one that it skips may be a whisper to somebody else, or lost: it is asked for. */
    receive(id: string, note: InternalNote): void {
      if (!loaded.has(id)) return
      const gap = note.number > (loaded.get(id)?.after ?? 0) + 1
      take(id, [note], gap ? 0 : note.number)
      if (gap) void catchUp(id)
    },
    write(conversationId: string, text: string, whisperTo = ''): void {
      const note: WrittenNote = { clientId: useGateway().newId(), conversationId, text, whisperTo, state: 'sending', failed: null }
      keep([...written.value, note])
      void send(note)
    },
    /** Under the same client id, so that it is written once. */
    retry(clientId: string): void {
      const note = written.value.find((item) => item.clientId === clientId)
      if (note) void send(note)
    },
    discard(clientId: string): void {
      keep(written.value.filter((item) => item.clientId !== clientId))
    },
    forget(): void {
      loaded.clear()
      again.clear()
      written.value = []
    },
  }
})
