/** Whether this agent takes conversations. The WebSocket's pings are the heartbeat. */

import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { Presence } from '@/api/types'
import { useGateway } from '@/gateway'

export const usePresence = defineStore('presence', () => {
  const state = ref<Presence>('offline')
  const changing = ref(false)
  let choices = 0

  return {
    state,
    changing,
    async refresh(): Promise<void> {
      const before = changing.value ? -1 : choices
      const { state: said } = await useGateway().api.presence()
      if (choices === before) state.value = said // an answer from before a choice is no news
    },
    async set(wanted: Presence): Promise<void> {
      const before = state.value
      choices += 1
      state.value = wanted
      changing.value = true
      try {
        await useGateway().api.setPresence(wanted)
      } catch (error) {
        state.value = before
        throw error
      } finally {
        changing.value = false
      }
    },
    /** The gateway changed it (an expired heartbeat, another screen). True when that is news here. */
    heard(said: Presence): boolean {
      if (changing.value || said === state.value) return false
      state.value = said
      return true
    },
    forget(): void {
      state.value = 'offline'
    },
  }
})
