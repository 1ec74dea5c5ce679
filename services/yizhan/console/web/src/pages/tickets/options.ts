/** What can be chosen for each field, in words. */

import { computed } from 'vue'
import { NOBODY, ticketPriorities, ticketSorts, ticketSources, ticketStatuses, ticketTypes } from '@/api/types'
import { useTicketPeople } from './people'
import { useTicketWords } from './words'

export interface Option {
  value: string
  label: string
}

export function useOptions() {
  const people = useTicketPeople()
  const { t, word } = useTicketWords()
  const inWords = (group: 'status' | 'priority' | 'type' | 'source' | 'sort', codes: readonly string[]): Option[] =>
    codes.map((value) => ({ value, label: word(group, value) }))

  const agents = computed(() => people.agents.map((agent) => ({ value: agent.id, label: agent.name })))
  const groups = computed(() => people.groups.map((group) => ({ value: group.id, label: group.name })))
  return {
    statuses: computed(() => inWords('status', ticketStatuses)),
    types: computed(() => inWords('type', ticketTypes)),
    priorities: computed(() => inWords('priority', ticketPriorities)),
    sources: computed(() => inWords('source', ticketSources)),
    sorts: computed(() => inWords('sort', ticketSorts)),
    tags: computed(() => people.tags.map((tag) => ({ value: tag, label: tag }))),
    agents,
    groups,
    /** To give a ticket to somebody, or to nobody. */
    assignees: computed(() => [{ value: '', label: t('tickets.nobody') }, ...agents.value]),
    teams: computed(() => [{ value: '', label: t('tickets.noGroup') }, ...groups.value]),
    /** To look for tickets that somebody has, or nobody. */
    assigneesAsked: computed(() => [{ value: NOBODY, label: t('tickets.nobody') }, ...agents.value]),
    groupsAsked: computed(() => [{ value: NOBODY, label: t('tickets.noGroup') }, ...groups.value]),
  }
}
