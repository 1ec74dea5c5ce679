/** Unfinished replies, one per conversation, kept while the tab lives: switching conversations or reloading loses nothing. */

import { isRecord, shelf } from './storage'

const stored = shelf<Record<string, unknown>>(sessionStorage, 'yizhan.drafts', {}, isRecord)
const drafts = new Map<string, string>(
  Object.entries(stored.load()).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
)

export function draftOf(conversation: string): string {
  return drafts.get(conversation) ?? ''
}

export function keepDraft(conversation: string, text: string): void {
  if (text) drafts.set(conversation, text)
  else drafts.delete(conversation)
  stored.save(Object.fromEntries(drafts))
}

/** On signing out: the next person at this computer does not see them. */
export function forgetDrafts(): void {
  drafts.clear()
  stored.save({})
}
