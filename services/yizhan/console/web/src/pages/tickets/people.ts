/** Whom a ticket can be given to: the agents and groups; and the tags that are in use. */

import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { Agent, Person, Ticket } from '@/api/types'
import { useGateway } from '@/gateway'
import { useSession } from '@/stores/session'

export const useTicketPeople = defineStore('ticket-people', () => {
  const agents = ref<Agent[]>([])
  const named = ref<{ id: string; name: string }[]>([])
  const met = ref<string[]>([])
  const tags = ref<string[]>([])
  const failed = ref<unknown>(null)
  /** People who are no agents here, such as an administrator, by what histories and notes call them. */
  const others = ref(new Map<string, string>())
  const session = useSession()

  /** A ticket may be in a group that is gone since: it is still shown, and can still be looked for. */
  const groups = computed(() => [...named.value, ...met.value.filter((id) => named.value.every((group) => group.id !== id)).map((id) => ({ id, name: id }))])

  function more(known: string[], found: (string | null)[]): string[] {
    const all = new Set([...known, ...found.filter((one): one is string => Boolean(one))])
    return all.size === known.length ? known : [...all].sort()
  }

  return {
    agents,
    groups,
    tags,
    failed,
    async load(): Promise<void> {
      const { api } = useGateway()
      try {
        const [people, teams] = await Promise.all([api.agents(), api.groups()])
        agents.value = people.items
        named.value = teams.items.map(({ id, name }) => ({ id, name: name || id }))
        failed.value = null
      } catch (error) {
        failed.value = error
      }
    },
    /** Groups and tags that tickets have are offered for others. */
    learn(tickets: readonly Ticket[]): void {
      met.value = more(met.value, tickets.map((ticket) => ticket.group_id))
      tags.value = more(tags.value, tickets.flatMap((ticket) => ticket.tags))
    },
    /** Names of people who did something. */
    meet(people: readonly Person[]): void {
      for (const { id, name } of people) if (id && name) others.value.set(id, name)
    },
    nameOf: (person: string) => agents.value.find((one) => one.id === person)?.name || (person === session.me ? session.user?.name : '') || others.value.get(person) || person,
    groupOf: (group: string) => groups.value.find((one) => one.id === group)?.name ?? group,
  }
})
