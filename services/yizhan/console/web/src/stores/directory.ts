/** Who there is: agents with presence and load, and groups. Asked for where a page needs names or somebody to choose. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Group } from '@/api/handing-on'
import type { Agent } from '@/api/types'
import { useGateway } from '@/gateway'

/** Names change rarely. */
const FRESH_MS = 60_000

export const useDirectory = defineStore('directory', () => {
  const agents = shallowRef<readonly Agent[]>([])
  const groups = shallowRef<readonly Group[]>([])
  const failed = ref<unknown>(null)
  const loading = ref(false)
  let askedAt = -Infinity

  async function refresh(): Promise<void> {
    askedAt = Date.now()
    loading.value = true
    failed.value = null
    try {
      const { api } = useGateway()
      const [people, circles] = await Promise.all([api.agents(), api.groups()])
      agents.value = people.items
      groups.value = circles.items
    } catch (error) {
      failed.value = error
    } finally {
      loading.value = false
    }
  }

  const names = computed(() => new Map(agents.value.map((agent) => [agent.id, agent.name])))
  const groupNames = computed(() => new Map(groups.value.map((group) => [group.id, group.name])))

  return {
    agents,
    groups,
    failed,
    loading,
    refresh,
    /** For names only. */
    known(): void {
      if (Date.now() - askedAt > FRESH_MS) void refresh()
    },
    agentName: (id: string | null | undefined) => (id ? (names.value.get(id) ?? '') : ''),
    groupName: (id: string | null | undefined) => (id ? (groupNames.value.get(id) ?? '') : ''),
  }
})
