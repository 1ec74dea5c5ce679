/** Up to where this agent has read each conversation on this computer; the unread dots come from it. */

import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import type { Conversation, Message } from '@/api/types'
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
    /** How many of the customer's messages are unread, where they are loaded; null: not known. */
    count(conversation: Conversation, messages: readonly Message[] | undefined): number | null {
      const read = seqs.get(conversation.id) ?? 0
      if (!messages?.[0] || messages[0].seq > read + 1) return null
      return messages.filter((one) => one.author.kind === 'customer' && one.seq > read).length
    },
    unread: (conversation: Conversation) =>
      conversation.last_author === 'customer' && conversation.last_seq > (seqs.get(conversation.id) ?? 0),
  }
})
