/** The outbox for the pages: what this agent wrote and is not on a transcript yet. */

import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { Problem } from '@/api/problem'
import type { Content, Message, SuggestionUse } from '@/api/types'
import { useGateway } from '@/gateway'
import { Outbox, type Pending, type Refusal } from '@/live/outbox'
import { shelf } from './storage'

/** A code that the catalogue's `reason` group knows, where possible. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Problem)) return { code: 'fault', passing: false, retryAfterMs: null }
  const passing = error.passing || error.kind === 'unauthorized' // after signing in again it goes out
  const code = error.code && !passing ? error.code : error.kind
  return { code, passing, retryAfterMs: error.retryAfter === null ? null : error.retryAfter * 1000 }
}

const isPendingList = (value: unknown): value is Pending[] => Array.isArray(value)

export const usePending = defineStore('pending', () => {
  const items = shallowRef<readonly Pending[]>([])
  let outbox: Outbox | null = null

  return {
    items,
    start(user: string, onOverdue: (conversation: string) => void): void {
      if (outbox) return
      const gateway = useGateway()
      const stored = shelf(sessionStorage, `yizhan.outbox.${user}`, [], isPendingList)
      outbox = new Outbox({
        upload: async (file) => (await gateway.api.upload(file)).media,
        say: (pending, content) =>
          gateway.api.say(pending.conversationId, {
            client_id: pending.clientId,
            epoch: pending.epoch,
            content,
            ...(pending.suggestion ? { suggestion: pending.suggestion } : {}),
          }),
        refusalOf,
        newId: gateway.newId,
        now: () => new Date(gateway.clock.now()),
        previewOf: (file) => (file.type.startsWith('image/') ? URL.createObjectURL(file) : ''),
        releasePreview: (url) => URL.revokeObjectURL(url),
        timers: gateway.timers,
        storage: stored,
        onChange: (pending) => (items.value = pending),
        onOverdue,
      })
      outbox.restore()
    },
    stop(): void {
      outbox?.stop()
      outbox = null
    },
    sendText: (conversation: string, epoch: number, text: string, suggestion: SuggestionUse | null = null) =>
      outbox?.sendText(conversation, epoch, text, suggestion),
    sendStored: (conversation: string, epoch: number, content: Content) => outbox?.sendStored(conversation, epoch, content),
    sendFile: (conversation: string, epoch: number, file: File) => outbox?.sendFile(conversation, epoch, file),
    retry: (clientId: string, epoch: number) => outbox?.retry(clientId, epoch),
    discard: (clientId: string) => outbox?.discard(clientId),
    confirm: (conversation: string, messages: readonly Message[]) => outbox?.confirm(conversation, messages),
    refuse: (clientId: string, reason: string) => outbox?.refuse(clientId, reason),
    flush: () => outbox?.flush(),
  }
})
