/** Up to where this agent has read each conversation on this computer; the unread dots come from it. */

import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { Conversation } from '@/api/types'
import { isRecord, shelf, type Shelf } from './storage'

const KEPT = 500

export const useSeen = defineStore('seen', () => {
  const seqs = shallowReactive(new Map<string, number>())
  let stored: Shelf<Record<string, unknown>> | null = null

  return {
    start(user: string): void {
      stored = shelf<Record<string, unknown>>(localStorage, `yizhan.seen.${user}`, {}, isRecord)
      seqs.clear()
      for (const [id, seq] of Object.entries(stored.load())) if (typeof seq === 'number') seqs.set(id, seq)
    },
    mark(id: string, seq: number): void {
      if ((seqs.get(id) ?? 0) >= seq) return
      seqs.delete(id)
      seqs.set(id, seq)
      stored?.save(Object.fromEntries([...seqs].slice(-KEPT)))
    },
    unread: (conversation: Conversation) =>
      conversation.last_author === 'customer' && conversation.last_seq > (seqs.get(conversation.id) ?? 0),
  }
})
