/** Whether a list of skills can be saved. Pure. */

import type { Skill } from '@/api/team'

export const levels = [1, 2, 3, 4, 5] as const

/** The first thing that is wrong with a list of skills; null: nothing. */
export function skillTrouble(skills: readonly Skill[]): { key: 'skillTwice' | 'skillEmpty'; name: string } | null {
  const seen = new Set<string>()
  for (const { name } of skills) {
    const plain = name.trim()
    if (plain === '') return { key: 'skillEmpty', name: '' }
    if (seen.has(plain)) return { key: 'skillTwice', name: plain }
    seen.add(plain)
  }
  return null
}
