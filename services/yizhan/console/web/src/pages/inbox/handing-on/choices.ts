/** Whom a conversation can be handed to, as a list to choose from. Pure. */

import type { Group } from '@/api/handing-on'
import type { Agent } from '@/api/types'

export type Standing = 'free' | 'full' | 'away' | 'absent'

export interface Choice {
  kind: 'anyone' | 'group' | 'agent'
  id: string
  name: string
  standing: Standing
  load: number
  capacity: number
  /** Of a group: who is here, and of them who has room. */
  here: number
  free: number
}

const order: Record<Standing, number> = { free: 0, full: 1, away: 2, absent: 3 }

export function standingOf(agent: Agent): Standing {
  if (agent.presence === 'online') return agent.load < agent.capacity ? 'free' : 'full'
  return agent.presence === 'offline' ? 'absent' : 'away'
}

/** Groups first, then agents, those who could take it before those who could not. Oneself is not among them. */
export function choices(agents: readonly Agent[], groups: readonly Group[], me: string, words: string, anyone: string): Choice[] {
  const others = agents.filter((agent) => agent.enabled && agent.id !== me)
  const byId = new Map(others.map((agent) => [agent.id, agent]))
  const people = others.map((agent): Choice => {
    const { id, name, load, capacity } = agent
    return { kind: 'agent', id, name, load, capacity, standing: standingOf(agent), here: 0, free: 0 }
  })
  const circles = groups.map(({ id, name, agent_ids }): Choice => {
    const members = agent_ids.flatMap((member) => byId.get(member) ?? [])
    const states = members.map(standingOf)
    const free = states.filter((state) => state === 'free').length
    const here = states.filter((state) => state === 'free' || state === 'full').length
    const standing: Standing = free > 0 ? 'free' : here > 0 ? 'full' : 'absent'
    return { kind: 'group', id, name, load: 0, capacity: 0, standing, here, free }
  })
  const whoever: Choice = { kind: 'anyone', id: '', name: anyone, load: 0, capacity: 0, standing: 'free', here: 0, free: 0 }
  const wanted = words.trim().toLowerCase()
  const byStanding = (a: Choice, b: Choice) => order[a.standing] - order[b.standing] || a.name.localeCompare(b.name)
  const all = [...circles.sort(byStanding), ...people.sort(byStanding), whoever]
  return wanted ? all.filter((one) => one.name.toLowerCase().includes(wanted)) : all
}
