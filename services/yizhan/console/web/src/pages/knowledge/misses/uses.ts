/** What agents made of suggested answers, as an editor reads it. */

import type { EntryUses, UseCounts } from '@/api/types'

export const offered = (one: UseCounts): number => one.as_is + one.edited + one.ignored
export const found = (one: UseCounts): number => one.found_as_is + one.found_edited
const mended = (one: UseCounts): number => one.edited + one.found_edited

/** Those that agents edit most first: there is most to mend. Then those that they have to search for. */
export function mostEdited(items: readonly EntryUses[]): EntryUses[] {
  return [...items].sort((a, b) => mended(b) - mended(a) || found(b) - found(a) || b.ignored - a.ignored)
}
