/** The answers on a ticket and who has its customer, as long as the ticket is shown; read again when something happens there. */

import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { TicketReplies, TicketReply } from '@/api/types'
import { useGateway } from '@/gateway'
import type { ServerFrame } from '@/live/frames'
import { useInbox } from '@/stores/inbox'
import { useLive } from '@/stores/live'
import { withMine } from './replying'

/** What happens within this is read together. */
export const GATHER_MS = 300

export function useTicketReplies(ticket: string, conversation: string) {
  const live = useLive()
  const inbox = useInbox()
  const found = shallowRef<TicketReplies | null>(null)
  const failed = shallowRef<unknown>(null)
  const mine = ref<TicketReply | null>(null)
  let round = 0
  let timer: unknown = null

  async function load(): Promise<void> {
    const now = (round += 1)
    try {
      const answer = await useGateway().api.ticketReplies(ticket)
      if (now !== round) return
      found.value = answer
      failed.value = null
    } catch (error) {
      if (now === round) failed.value = error
    }
  }

  function soon(): void {
    timer ??= useGateway().timers.set(() => {
      timer = null
      void load()
    }, GATHER_MS)
  }

  function heard(frame: ServerFrame): void {
    const about = frame.type === 'conversation' ? frame.conversation.id : 'conversation_id' in frame ? frame.conversation_id : ''
    const tells = frame.type === 'receipt' || frame.type === 'conversation' || frame.type === 'message'
    if (frame.type === 'gap' || (tells && about === conversation)) soon()
  }

  inbox.besideId = conversation
  const ends = [live.onFrame(heard), live.onReady((returned) => returned && soon())]
  onScopeDispose(() => {
    round += 1
    if (timer !== null) useGateway().timers.clear(timer)
    if (inbox.besideId === conversation) inbox.besideId = null
    for (const end of ends) end()
  })

  return {
    found,
    failed,
    items: computed(() => withMine(found.value?.replies ?? [], mine.value)),
    load,
    /** Written here just now. */
    written(reply: TicketReply): void {
      mine.value = reply
      void load()
    },
  }
}
