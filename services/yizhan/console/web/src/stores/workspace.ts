/** From sign-in to sign-out: starts what a signed-in screen runs, and ends it in order. */

import { defineStore } from 'pinia'
import { ref } from 'vue'
import { useGateway } from '@/gateway'
import type { ServerFrame } from '@/live/frames'
import { forgetDrafts } from './drafts'
import { useInbox } from './inbox'
import { useLive } from './live'
import { useMyTickets } from './my-tickets'
import { useNotes } from './notes'
import { usePending } from './pending'
import { usePresence } from './presence'
import { useSession } from './session'
import { useSuggestions } from './suggestions'

export const useWorkspace = defineStore('workspace', () => {
  const session = useSession()
  const live = useLive()
  const inbox = useInbox()
  const tickets = useMyTickets()
  const presence = usePresence()
  const pending = usePending()
  /** The presence that the gateway set without this screen asking; shown once. */
  const presenceNews = ref<string | null>(null)
  let listening = false

  function receive(frame: ServerFrame): void {
    if (frame.type !== 'presence') inbox.receive(frame)
    else if (frame.agent_id === session.me && presence.heard(frame.state)) presenceNews.value = frame.state
  }

  function ready(returned: boolean): void {
    if (session.serves) void presence.refresh().catch(() => undefined)
    inbox.ready(returned)
  }

  function start(): void {
    if (!session.user || !session.attends) return
    if (!listening) {
      listening = true
      live.onFrame(receive)
      live.onReady(ready)
    }
    inbox.start()
    tickets.start()
    live.start(() => end(true))
  }

  function end(becauseExpired: boolean): void {
    live.stop()
    inbox.stop()
    tickets.stop()
    presence.forget()
    session.leave(becauseExpired)
  }

  return {
    presenceNews,
    start,
    end,
    /** Signing out on purpose: first offline, so that nobody waits for an agent who is gone. */
    async signOut(): Promise<void> {
      const { api } = useGateway()
      for (const item of pending.items) pending.discard(item.clientId)
      const notes = useNotes()
      for (const note of notes.written) notes.discard(note.clientId)
      forgetDrafts()
      useSuggestions().forgetTaken()
      if (session.serves) await presence.set('offline').catch(() => undefined)
      await api.signOut().catch(() => undefined)
      end(false)
    },
  }
})
