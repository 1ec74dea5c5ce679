/** What agents can do, groups, and which case asks for whom. */

import type { Group } from './handing-on'
import type { Http } from './http'
import type { Agent } from './types'

export interface Skill {
  name: string
  /** 1 to 5. */
  level: number
}

export type Member = Agent & { skills: Skill[]; languages: string[]; group_ids: string[]; supervisor: boolean }

export interface Abilities {
  skills: Skill[]
  /** None: any. */
  languages: string[]
  supervisor: boolean
}

export type GroupDraft = Omit<Group, 'id'>

/** Empty members fit everything. */
export interface RouteRule {
  channel: string
  reason: string
  rule: string
  topic: string
  language: string
  least_urgency: number
  group_id: string
  skills: string[]
  /** 0 low to 3 urgent. */
  priority: number
  weight: number
}

export interface RouteRules {
  items: RouteRule[]
  revision: number
}

const id = encodeURIComponent

export function teamEndpoints(http: Http) {
  return {
    team: () => http.call<{ items: Member[] }>('GET', 'team/agents'),
    setAbilities: (agent: string, abilities: Abilities) =>
      http.call<{ agent: Member }>('PUT', `team/agents/${id(agent)}`, { json: abilities }),
    createGroup: (group: GroupDraft) => http.call<{ group: Group }>('POST', 'team/groups', { json: group }),
    changeGroup: (group: string, draft: GroupDraft) => http.call<{ group: Group }>('PUT', `team/groups/${id(group)}`, { json: draft }),
    removeGroup: (group: string) => http.call<void>('DELETE', `team/groups/${id(group)}`),
    routeRules: () => http.call<RouteRules>('GET', 'team/routes'),
    putRouteRules: (routes: RouteRule[], revision: number) =>
      http.call<{ revision: number }>('PUT', 'team/routes', { json: { routes, revision } }),
  }
}
