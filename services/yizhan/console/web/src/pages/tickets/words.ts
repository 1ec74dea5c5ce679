/** What a ticket, its clocks and its history are called in the person's language. */

import { useI18n } from 'vue-i18n'
import type { Ticket, TicketEvent, TicketLink } from '@/api/types'
import { useWords } from '@/composables/words'
import type { Due } from './due'
import type { Difference, EditedField } from './edits'
import { useTicketPeople } from './people'

export function useTicketWords() {
  const { te } = useI18n()
  const words = useWords()
  const people = useTicketPeople()
  const { t } = words

  /** A code in words; one that a newer gateway says is shown as it is. */
  function word(group: 'status' | 'priority' | 'type' | 'source' | 'sort', code: string): string {
    const key = `tickets.${group}.${code}`
    return /^\w+$/.test(code) && te(key) ? t(key) : code
  }

  /** What the ticket is there for: why the assistant gave up, or how the ticket came about. */
  function why(ticket: Ticket): string {
    if (te(`tickets.reason.${ticket.reason}`)) return t(`tickets.reason.${ticket.reason}`)
    return te(`handoff.${ticket.reason}`) ? t(`handoff.${ticket.reason}`) : word('source', ticket.source)
  }

  /** A field's value in words. */
  function value(field: EditedField, code: string): string {
    switch (field) {
      case 'status':
      case 'priority':
      case 'type':
        return word(field, code)
      case 'assignee':
        return code ? people.nameOf(code) : t('tickets.nobody')
      case 'group':
        return code ? people.groupOf(code) : t('tickets.noGroup')
      case 'watchers':
        return people.nameOf(code)
      default:
        return code || t('tickets.nothing')
    }
  }

  const values = (field: EditedField, codes: string[]) => codes.map((code) => value(field, code)).join(t('tickets.listMark')) || t('tickets.nothing')

  /** Why a customer is not asked, or that they are. */
  function surveyed(survey: string, reason: string): string {
    const known = te(`tickets.survey.${survey}`) ? t(`tickets.survey.${survey}`) : survey
    return reason && te(`tickets.surveyReason.${reason}`) ? t('tickets.survey.because', { what: known, why: t(`tickets.surveyReason.${reason}`) }) : known
  }

  /** Why something was refused, by its code alone: one of many tickets has no answer of its own. */
  const refusal = (code: string, detail: string) => (/^\w+$/.test(code) && te(`problem.code.${code}`) ? t(`problem.code.${code}`) : detail || code)

  function happened(event: TicketEvent): string {
    const { kind, before, after } = event
    const arrow = (field: EditedField) => t(`tickets.happened.${kind}`, { before: value(field, before), after: value(field, after) })
    switch (kind) {
      case 'created':
        return t('tickets.happened.created', { source: word('source', after) })
      case 'status':
      case 'assignee':
      case 'group':
      case 'priority':
      case 'type':
      case 'title':
        return arrow(kind)
      case 'tag':
        return before ? t('tickets.happened.tagOff', { tag: before }) : t('tickets.happened.tagOn', { tag: after })
      case 'watcher':
        return before ? t('tickets.happened.watcherOff', { name: people.nameOf(before) }) : t('tickets.happened.watcherOn', { name: people.nameOf(after) })
      case 'callback':
        return t('tickets.happened.callback', { change: te(`tickets.call.change.${after}`) ? t(`tickets.call.change.${after}`) : after })
      case 'rated':
        return t('tickets.happened.rated', { score: after })
      case 'comment':
        return t('tickets.happened.comment', { text: after })
      case 'replied':
        return t('tickets.happened.replied', { text: after })
      case 'reply_held':
        return t('tickets.happened.reply_held', { reason: words.heldBy(after) })
      case 'reply_unsaid':
        return t('tickets.happened.reply_unsaid', { reason: refusal(after, '') })
      case 'surveyed':
        return surveyed(after, before)
      case 'linked':
      case 'unlinked':
        return t(`tickets.happened.${kind}`, { other: after })
      case 'merged':
      case 'absorbed':
        return t(`tickets.happened.${kind}`, { other: after })
      case 'unmerged':
        return t('tickets.happened.unmerged', { other: before || after })
      default:
        return te(`tickets.happened.${String(kind)}`) ? t(`tickets.happened.${String(kind)}`) : String(kind)
    }
  }

  return {
    ...words,
    word,
    values,
    happened,
    surveyed,
    refusal,
    heading: (ticket: Ticket) => ticket.title || ticket.last_text || why(ticket),
    why,
    nameOf: people.nameOf,
    difference: (one: Difference) => ({ field: t(`tickets.field.${one.field}`), before: values(one.field, one.before), after: values(one.field, one.after) }),
    by: (event: TicketEvent) => (event.by.role === 'system' || event.by.role === 'customer' ? t(`tickets.by.${event.by.role}`) : event.by.name || people.nameOf(event.by.id)),
    due(due: Due): string {
      const what = t(`tickets.clock.${due.kind}`)
      const time = words.duration(Math.abs(due.leftMs))
      if (due.late) return t('tickets.late', { what, time })
      return due.resting ? t('tickets.resting', { what, time }) : t('tickets.left', { what, time })
    },
    link: (link: TicketLink) => t(`tickets.linkIs.${link.outgoing || link.kind === 'relates' ? link.kind : `${link.kind}_by`}`),
  }
}
