/** The tickets of the current filter, page by page. A newer question makes an older answer void. */

import { ref, shallowRef } from 'vue'
import type { Ticket, TicketFilter, TicketSort } from '@/api/types'
import { useGateway } from '@/gateway'
import { useTicketPeople } from './people'

export function useTicketList() {
  const people = useTicketPeople()
  const items = shallowRef<Ticket[]>([])
  const next = ref<string | null>(null)
  const total = ref<number | null>(null)
  const loading = ref(false)
  const loaded = ref(false)
  const failed = shallowRef<unknown>(null)
  const moreFailed = shallowRef<unknown>(null)
  let shown: { filter: TicketFilter; sort: TicketSort } | null = null
  let round = 0

  async function count(filter: TicketFilter, mine: number): Promise<void> {
    const found = await useGateway().api.countTickets(filter).catch(() => null) // the list itself says what is wrong
    if (mine === round) total.value = found?.count ?? null
  }

  async function load(filter: TicketFilter, sort: TicketSort): Promise<void> {
    const mine = (round += 1)
    shown = { filter, sort }
    loading.value = true
    failed.value = null
    moreFailed.value = null
    void count(filter, mine)
    try {
      const page = await useGateway().api.searchTickets(filter, sort)
      if (mine !== round) return
      items.value = page.items
      next.value = page.next
      loaded.value = true
      people.learn(page.items)
    } catch (error) {
      if (mine === round) failed.value = error
    } finally {
      if (mine === round) loading.value = false
    }
  }

  async function more(): Promise<void> {
    if (!shown || !next.value || loading.value) return
    const mine = round
    loading.value = true
    moreFailed.value = null
    try {
      const page = await useGateway().api.searchTickets(shown.filter, shown.sort, next.value)
      if (mine !== round) return
      const known = new Set(items.value.map((ticket) => ticket.id))
      items.value = [...items.value, ...page.items.filter((ticket) => !known.has(ticket.id))]
      next.value = page.next
      people.learn(page.items)
    } catch (error) {
      if (mine === round) moreFailed.value = error
    } finally {
      if (mine === round) loading.value = false
    }
  }

  /** What is on the first page, anew and without a word; what was loaded after it stays, and so does everybody's place. */
  async function refresh(): Promise<void> {
    if (!shown || loading.value) return
    const mine = round
    const { filter, sort } = shown
    void count(filter, mine)
    const page = await useGateway().api.searchTickets(filter, sort).catch(() => null) // the next one, or the person, asks again
    if (!page || mine !== round) return
    const fresh = new Set(page.items.map((ticket) => ticket.id))
    const later = page.next ? items.value.slice(page.items.length).filter((ticket) => !fresh.has(ticket.id)) : []
    items.value = [...page.items, ...later]
    if (later.length === 0) next.value = page.next
    people.learn(page.items)
  }

  return {
    items,
    next,
    total,
    loading,
    loaded,
    failed,
    moreFailed,
    load,
    refresh,
    more,
    /** Tickets as they are now; they stay in their places, so that nothing moves under the pointer. */
    renew(fresh: readonly Ticket[]): void {
      const now = new Map(fresh.map((ticket) => [ticket.id, ticket]))
      items.value = items.value.map((ticket) => now.get(ticket.id) ?? ticket)
      people.learn(fresh)
    },
    /** Other tickets will be shown: the old ones go at once. */
    forget(): void {
      loaded.value = false
      items.value = []
      total.value = null
    },
  }
}
