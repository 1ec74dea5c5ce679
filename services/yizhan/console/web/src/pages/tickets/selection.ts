/** Which tickets of the list are selected, and on which one the keyboard stands. */

import { computed, ref, type Ref } from 'vue'
import type { Ticket } from '@/api/types'

export function useSelection(items: Ref<readonly Ticket[]>) {
  const chosen = ref(new Set<string>())
  const cursor = ref('')

  /** Only what is in the list counts: nobody changes what they do not see. */
  const tickets = computed(() => items.value.filter((ticket) => chosen.value.has(ticket.id)))
  const everything = computed(() => items.value.length > 0 && tickets.value.length === items.value.length)

  return {
    chosen,
    cursor,
    tickets,
    everything,
    toggle(ticket: string): void {
      if (!chosen.value.delete(ticket)) chosen.value.add(ticket)
    },
    all(): void {
      chosen.value = everything.value ? new Set() : new Set(items.value.map((ticket) => ticket.id))
    },
    only(tickets: Iterable<string>): void {
      chosen.value = new Set(tickets)
    },
    /** The ticket after or before the one that the keyboard stands on. */
    step(by: 1 | -1): string {
      const at = items.value.findIndex((ticket) => ticket.id === cursor.value)
      const to = at < 0 ? 0 : Math.min(items.value.length - 1, Math.max(0, at + by))
      cursor.value = items.value[to]?.id ?? ''
      return cursor.value
    },
  }
}
