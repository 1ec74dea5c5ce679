/** A note that is being written, kept with the other drafts: it survives a reload, and goes when one signs out. */

import { useGateway } from '@/gateway'
import { draftOf, keepDraft } from '@/stores/drafts'

const words = (ticket: string) => `ticket-note:${ticket}`
const name = (ticket: string) => `ticket-note-id:${ticket}`

export function noteDraft(ticket: string) {
  return {
    text: () => draftOf(words(ticket)),
    keep: (text: string) => keepDraft(words(ticket), text),
    /** The same for the same note, however often it is sent: the gateway notes it once. */
    clientId(): string {
      const id = draftOf(name(ticket)) || useGateway().newId()
      keepDraft(name(ticket), id)
      return id
    },
    /** It was changed since it was sent without an answer: another note. */
    renew: () => keepDraft(name(ticket), ''),
    forget(): void {
      keepDraft(words(ticket), '')
      keepDraft(name(ticket), '')
    },
  }
}
