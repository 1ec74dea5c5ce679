/** Edits as values: two made one after the other as one, and what is different between two readings of a ticket. */

import type { Ticket, TicketEdit } from '@/api/types'

const lists = [
  ['add_tags', 'remove_tags'],
  ['add_watchers', 'remove_watchers'],
] as const

/** The later edit wins field by field; what was added and is removed again is only removed. */
export function both(first: TicketEdit, then: TicketEdit): TicketEdit {
  const edit: TicketEdit = { ...first, ...then }
  for (const [add, remove] of lists) {
    const added = [...(first[add] ?? []).filter((one) => !then[remove]?.includes(one)), ...(then[add] ?? [])]
    const removed = [...(first[remove] ?? []).filter((one) => !then[add]?.includes(one)), ...(then[remove] ?? [])]
    delete edit[add]
    delete edit[remove]
    if (added.length) edit[add] = [...new Set(added)]
    if (removed.length) edit[remove] = [...new Set(removed)]
  }
  return edit
}

/** Members that are new, and that are gone, under the names that an edit has for them. */
export function members(now: readonly string[], wanted: readonly string[]): { add: string[]; remove: string[] } {
  return { add: wanted.filter((one) => !now.includes(one)), remove: now.filter((one) => !wanted.includes(one)) }
}

export const editedFields = ['status', 'assignee', 'group', 'priority', 'type', 'title', 'tags', 'watchers'] as const
export type EditedField = (typeof editedFields)[number]

export interface Difference {
  field: EditedField
  before: string[]
  after: string[]
}

export function valuesOf(ticket: Ticket, field: EditedField): string[] {
  switch (field) {
    case 'assignee':
      return [ticket.agent?.id ?? '']
    case 'group':
      return [ticket.group_id ?? '']
    case 'tags':
      return [...ticket.tags].sort()
    case 'watchers':
      return ticket.watchers.map((watcher) => watcher.id).sort()
    default:
      return [ticket[field]]
  }
}

/** What is not as it was. */
export function differences(before: Ticket, after: Ticket): Difference[] {
  return editedFields
    .map((field) => ({ field, before: valuesOf(before, field), after: valuesOf(after, field) }))
    .filter((one) => one.before.join('\n') !== one.after.join('\n'))
}

/** What an edit would make of a ticket. */
export function asked(ticket: Ticket, edit: TicketEdit): Difference[] {
  const plain = (['status', 'assignee', 'group', 'priority', 'type', 'title'] as const).flatMap((field) =>
    edit[field] === undefined ? [] : [{ field, before: valuesOf(ticket, field), after: [edit[field]] }],
  )
  const listed = (['tags', 'watchers'] as const).flatMap((field) => {
    const [add, remove] = [edit[`add_${field}`] ?? [], edit[`remove_${field}`] ?? []]
    const before = valuesOf(ticket, field)
    return add.length + remove.length ? [{ field, before, after: [...new Set([...before, ...add])].filter((one) => !remove.includes(one)) }] : []
  })
  return [...plain, ...listed]
}
