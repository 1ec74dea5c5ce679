/** Calls about questions that were not answered well. */

import type { Http } from './http'
import type { DraftedMiss, MissDetails, MissDraft, MissGroup, MissPage, MissState, SuggestionUses } from './learning-types'

/** Grouping goes on when somebody looks. */
const GROUPING_MS = 45_000

const path = (group: string, action = '') => `learning/groups/${encodeURIComponent(group)}${action && `/${action}`}`

export function learningEndpoints(http: Http) {
  return {
    missGroups: (query: { state: MissState; cursor?: string | null }) =>
      http.call<MissPage>('GET', 'learning/groups', { query, timeoutMs: GROUPING_MS }),
    suggestionUses: (days: number) => http.call<SuggestionUses>('GET', 'learning/suggestions', { query: { days } }),
    missGroup: (group: string) => http.call<MissDetails>('GET', path(group)),
    draftMiss: (group: string, draft: MissDraft) => http.call<DraftedMiss>('POST', path(group, 'draft'), { json: draft }),
    dismissMiss: (group: string, reason: string) =>
      http.call<{ group: MissGroup }>('POST', path(group, 'dismiss'), { json: { reason } }),
    reopenMiss: (group: string) => http.call<{ group: MissGroup }>('POST', path(group, 'reopen'), { json: {} }),
  }
}
