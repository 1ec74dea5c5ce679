/** Two people changed the same entry: what differs, and both put together as chosen. Pure. */

import { entryIn, type EntryForm } from './form'

export const fields = ['question', 'paraphrases', 'answer', 'category', 'variants', 'valid_from', 'valid_until', 'attachments'] as const
export type Field = (typeof fields)[number]
export type Side = 'mine' | 'theirs'

export interface Clash {
  field: Field
  mine: string
  theirs: string
  /** Chosen to begin with: what only one of both changed is theirs or mine; where both did, mine. */
  side: Side
}

/** A field as people read it. */
export function shown(form: EntryForm, field: Field): string {
  switch (field) {
    case 'variants':
      return form.variants.map((one) => `${one.channel}: ${one.text}`).join('\n')
    case 'attachments':
      return form.attachments.map((one) => ('media' in one ? one.media.name : one.type === 'goods' ? one.title : `${one.title} ${one.url}`.trim())).join('\n')
    default:
      return form[field].trim()
  }
}

/** Compared as it would be saved: blanks at the ends and a picture's passing address are no difference. */
const key = (form: EntryForm, field: Field) => JSON.stringify(entryIn(form)[field])

/** The fields that differ. `base` is what the editing began with. */
export function clashes(base: EntryForm, mine: EntryForm, theirs: EntryForm): Clash[] {
  return fields
    .filter((field) => key(mine, field) !== key(theirs, field))
    .map((field) => ({
      field,
      mine: shown(mine, field),
      theirs: shown(theirs, field),
      side: key(mine, field) === key(base, field) ? 'theirs' : 'mine',
    }))
}

export function merged(mine: EntryForm, theirs: EntryForm, chosen: readonly { field: Field; side: Side }[]): EntryForm {
  const taken = chosen.filter((one) => one.side === 'theirs').map((one) => [one.field, theirs[one.field]] as const)
  return { ...mine, ...Object.fromEntries(taken) }
}
