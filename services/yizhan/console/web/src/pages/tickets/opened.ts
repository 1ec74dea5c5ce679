/** The ticket that is open, and edits of it: each from the revision that the person saw, none over somebody else's. */

import { ref, shallowRef } from 'vue'
import { Problem } from '@/api/problem'
import type { Ticket, TicketDetails, TicketEdit } from '@/api/types'
import { useGateway } from '@/gateway'
import { both } from './edits'
import { useTicketPeople } from './people'

/** An edit that was not made. `now` is set when somebody else changed the ticket meanwhile; `seen` is what the edit was made from. */
export interface Trouble {
  edit: TicketEdit
  seen: Ticket
  now: Ticket | null
  error: unknown
}

export function useOpenedTicket(told: (tickets: Ticket[]) => void) {
  const people = useTicketPeople()
  const details = shallowRef<TicketDetails | null>(null)
  const loading = ref(false)
  const failed = shallowRef<unknown>(null)
  const trouble = shallowRef<Trouble | null>(null)
  const saving = ref(0)
  let wanted = ''
  let queue: Promise<unknown> = Promise.resolve()

  async function load(): Promise<void> {
    const mine = wanted
    if (!mine) return
    loading.value = true
    failed.value = null
    try {
      const found = await useGateway().api.ticket(mine)
      if (mine !== wanted) return
      details.value = found
      people.learn([found.ticket])
      people.meet([...found.history.map((event) => event.by), ...found.notes.map((note) => note.author), ...found.followers])
      told([found.ticket])
    } catch (error) {
      if (mine === wanted) failed.value = error
    } finally {
      if (mine === wanted) loading.value = false
    }
  }

  async function open(ticket: string): Promise<void> {
    if (ticket === wanted) return
    wanted = ticket
    details.value = null
    failed.value = null
    trouble.value = null
    await load()
  }

  async function save(ticketId: string, edit: TicketEdit): Promise<boolean> {
    const seen = details.value?.ticket
    if (!seen || seen.id !== ticketId) return false
    if (trouble.value) {
      // what waits for a decision is decided together
      trouble.value = { ...trouble.value, edit: both(trouble.value.edit, edit) }
      return false
    }
    try {
      const { ticket } = await useGateway().api.changeTicket(ticketId, seen.revision, edit)
      told([ticket])
      if (details.value?.ticket.id === ticketId) details.value = { ...details.value, ticket }
      await load()
      return true
    } catch (error) {
      const changed = error instanceof Problem && error.code === 'ticket_changed'
      await load()
      const shown = details.value?.ticket
      if (shown?.id === ticketId) trouble.value = { edit, seen, now: changed ? shown : null, error }
      return false
    }
  }

  /** One after the other: two quick edits are not each other's conflict. Whether it was made. */
  function change(edit: TicketEdit): Promise<boolean> {
    const ticketId = details.value?.ticket.id ?? ''
    saving.value += 1
    const done = queue.then(() => save(ticketId, edit)).finally(() => (saving.value -= 1))
    queue = done.catch(() => undefined)
    return done
  }

  return {
    details,
    loading,
    failed,
    trouble,
    saving,
    load,
    open,
    change,
    close(): void {
      wanted = ''
      details.value = null
      failed.value = null
      trouble.value = null
    },
    /** The edit that was not made, made again on the ticket as it is shown now. */
    again(): Promise<boolean> {
      const edit = trouble.value?.edit ?? {}
      trouble.value = null
      return change(edit)
    },
    drop(): void {
      trouble.value = null
    },
  }
}
