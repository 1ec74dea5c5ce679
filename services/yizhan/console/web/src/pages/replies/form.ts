/** A canned reply as one edits it, and what is wrong with it. Pure. */

import type { CannedReply, ReplyDraft } from '@/api/replies'
import { characters } from '@/i18n/words'

export const LONGEST = { title: 80, folder: 60, shortcut: 20, text: 2_000 } as const

export function draftOfReply(reply: CannedReply | null): ReplyDraft {
  if (!reply) return { title: '', text: '', shared: false, shortcut: '', folder: '', language: '' }
  const { title, text, shared, shortcut, folder, language } = reply
  return { title, text, shared, shortcut: shortcut.replace(/^\//, ''), folder, language }
}

export type Wrong = 'empty' | 'tooLong' | 'badShortcut' | 'unknownVariable' | 'strayBrace'

/** What would be refused, by field. `variables`: the names that there are. */
export function wrongIn(draft: ReplyDraft, variables: readonly string[]): Partial<Record<keyof ReplyDraft, { why: Wrong; piece: string }>> {
  const wrong: Partial<Record<keyof ReplyDraft, { why: Wrong; piece: string }>> = {}
  if (draft.title.trim() === '') wrong.title = { why: 'empty', piece: '' }
  const shortcut = draft.shortcut.trim().replace(/^\//, '')
  if (shortcut !== '' && !/^[\p{L}\p{N}_.-]{1,20}$/u.test(shortcut)) wrong.shortcut = { why: 'badShortcut', piece: shortcut }
  if (draft.text.trim() === '') wrong.text = { why: 'empty', piece: '' }
  else if (characters(draft.text.trim()) > LONGEST.text) wrong.text = { why: 'tooLong', piece: String(LONGEST.text) }
  else {
    for (const [piece, name] of draft.text.matchAll(/\{\{|\}\}|\{([^{}\n]{0,64})\}|[{}]/g)) {
      if (piece === '{{' || piece === '}}') continue
      if (name !== undefined && variables.includes(name.trim())) continue
      wrong.text = { why: name === undefined ? 'strayBrace' : 'unknownVariable', piece }
      break
    }
  }
  return wrong
}

/** Those that fit all of the words, in title, shortcut, folder or text. */
export function matching(replies: readonly CannedReply[], words: string, whose: 'all' | 'own' | 'shared'): CannedReply[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean)
  return replies.filter((reply) => {
    if (whose !== 'all' && reply.shared !== (whose === 'shared')) return false
    const text = `${reply.title} ${reply.shortcut} ${reply.folder} ${reply.text}`.toLowerCase()
    return parts.every((part) => text.includes(part))
  })
}
