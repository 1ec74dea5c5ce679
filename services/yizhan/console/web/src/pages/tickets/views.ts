/** Saved views with their counts, and the counts of the views that everybody has. */

import { ref, shallowRef } from 'vue'
import type { TicketView } from '@/api/types'
import { useGateway } from '@/gateway'
import { presetNames, presets, type Preset } from './filter'

export type CountedView = TicketView & { count: number }

/** What is settled grows for ever and is nobody's work: it is not counted. */
const counted = presetNames.filter((name) => name !== 'solved' && name !== 'all')

export function useTicketViews() {
  const saved = shallowRef<CountedView[]>([])
  const counts = ref<Partial<Record<Preset, number>>>({})
  const failed = shallowRef<unknown>(null)
  let round = 0

  async function load(): Promise<void> {
    const mine = (round += 1)
    const { api } = useGateway()
    try {
      const [views, ...numbers] = await Promise.all([api.ticketViews(), ...counted.map((name) => api.countTickets(presets[name]))])
      if (mine !== round) return
      saved.value = views.items
      counts.value = Object.fromEntries(counted.map((name, at) => [name, numbers[at]?.count ?? 0]))
      failed.value = null
    } catch (error) {
      if (mine === round) failed.value = error
    }
  }

  return { saved, counts, failed, load }
}
