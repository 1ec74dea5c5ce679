/** Routing rules as they are edited. Pure. */

import type { RouteRule } from '@/api/team'

export function blankRule(): RouteRule {
  return { channel: '', reason: '', rule: '', topic: '', language: '', least_urgency: 0, group_id: '', skills: [], priority: 1, weight: 1 }
}

/** Whether a rule fits any conversation: what stands below it never counts. */
export function fitsAll(rule: RouteRule): boolean {
  return !rule.channel && !rule.reason && !rule.rule && !rule.topic && !rule.language && rule.least_urgency <= 0
}

/** The place from which on rules never count; -1: all may. */
export function deadFrom(rules: readonly RouteRule[]): number {
  const all = rules.findIndex(fitsAll)
  return all >= 0 && all < rules.length - 1 ? all + 1 : -1
}

export function moved(rules: readonly RouteRule[], from: number, to: number): RouteRule[] {
  const rule = rules[from]
  if (!rule || to < 0 || to >= rules.length) return [...rules]
  const rest = rules.filter((_, at) => at !== from)
  return [...rest.slice(0, to), rule, ...rest.slice(to)]
}

export function replaced(rules: readonly RouteRule[], at: number | null, rule: RouteRule): RouteRule[] {
  return at === null ? [...rules, rule] : rules.map((one, place) => (place === at ? rule : one))
}

export const sameRules = (a: readonly RouteRule[], b: readonly RouteRule[]): boolean => JSON.stringify(a) === JSON.stringify(b)
