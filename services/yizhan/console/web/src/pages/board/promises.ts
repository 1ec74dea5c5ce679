/** How near a promise is to running out. Pure. */

import type { PromisedPerson } from '@/api/board'

export type Risk = 'over' | 'soon' | 'calm'

/** The last third of the time, and the last twenty seconds anyhow. */
const LAST_SHARE = 1 / 3
const LAST_MS = 20_000

export function riskOf(promise: PromisedPerson, now: number): Risk {
  const deadline = Date.parse(promise.deadline)
  const left = deadline - now
  if (left <= 0) return 'over'
  const whole = deadline - Date.parse(promise.requested_at)
  return left <= Math.max(LAST_MS, whole * LAST_SHARE) ? 'soon' : 'calm'
}

/** The first to come due first; of those that come due together, the more urgent. */
export function inOrder(promises: readonly PromisedPerson[]): PromisedPerson[] {
  return [...promises].sort((a, b) => Date.parse(a.deadline) - Date.parse(b.deadline) || b.priority - a.priority)
}

export function atRisk(promises: readonly PromisedPerson[], now: number): number {
  return promises.filter((one) => riskOf(one, now) !== 'calm').length
}
