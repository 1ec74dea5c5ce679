/** Why a group is on the list, and since when. Pure. */

import type { MissGroup } from '@/api/types'
import type { Translate } from '@/i18n/words'

/** The commonest reasons first, ties by name; at most so many. */
export function commonest(reasons: Record<string, number>, most = Infinity): string[] {
  return Object.keys(reasons)
    .sort((one, other) => (reasons[other] ?? 0) - (reasons[one] ?? 0) || one.localeCompare(other))
    .slice(0, most)
}

/** From the first question to the last; of one alone only when it was. */
export function span(group: MissGroup, moment: (at: string | null) => string, t: Translate): string {
  const first = moment(group.first_at)
  const last = moment(group.last_at)
  return first === last ? last : t('knowledge.misses.since', { first, last })
}
