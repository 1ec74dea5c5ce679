/** Whether this agent takes conversations. The WebSocket's pings are the heartbeat. */

import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { AwayReason, Presence } from '@/api/types'
import { useGateway } from '@/gateway'

export const usePresence = defineStore('presence', () => {
  const state = ref<Presence>('offline')
  const reason = ref<AwayReason | null>(null)
  const changing = ref(false)
  let choices = 0

  return {
    state,
    reason,
    changing,
    async refresh(): Promise<void> {
      const before = changing.value ? -1 : choices
      const said = await useGateway().api.presence()
      if (choices !== before) return // an answer from before a choice is no news
      state.value = said.state
      reason.value = said.reason ?? null
    },
    async set(wanted: Presence, why: AwayReason | null = null): Promise<void> {
      const before = { state: state.value, reason: reason.value }
      choices += 1
      state.value = wanted
      reason.value = why
      changing.value = true
      try {
        await useGateway().api.setPresence(wanted, ...(why ? [why] : []))
      } catch (error) {
        state.value = before.state
        reason.value = before.reason
        throw error
      } finally {
        changing.value = false
      }
    },
    /** The gateway changed it (an expired heartbeat, another screen). True when that is news here. */
    heard(said: Presence): boolean {
      if (changing.value || said === state.value) return false
      state.value = said
      reason.value = null
      return true
    },
    forget(): void {
      state.value = 'offline'
      reason.value = null
    },
  }
})
