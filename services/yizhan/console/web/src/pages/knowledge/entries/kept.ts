/** What was being written when the session ended, until the person is back: for this page load, in memory only. */

import type { EntryForm } from './form'

export interface Kept {
  form: EntryForm
  base: EntryForm
  revision: number
}

const kept = new Map<string, Kept>()

/** Under the entry's id; a new entry has none. */
export function keep(id: string, work: Kept): void {
  kept.set(id, work)
}

export function takeKept(id: string): Kept | null {
  const found = kept.get(id) ?? null
  kept.delete(id)
  return found
}
