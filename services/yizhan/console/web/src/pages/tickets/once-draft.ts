/** Words that are being written on a ticket, kept with the other drafts: they survive a reload, and go when one signs out. */

import { useGateway } from '@/gateway'
import { draftOf, keepDraft } from '@/stores/drafts'

export function onceDraft(kind: 'ticket-note' | 'ticket-reply', ticket: string) {
  const words = `${kind}:${ticket}`
  const name = `${kind}-id:${ticket}`
  return {
    text: () => draftOf(words),
    keep: (text: string) => keepDraft(words, text),
    /** The same for the same words, however often they are sent: the gateway takes them once. */
    clientId(): string {
      const id = draftOf(name) || useGateway().newId()
      keepDraft(name, id)
      return id
    },
    /** They were changed since they were sent without an answer: other words. */
    renew: () => keepDraft(name, ''),
    forget(): void {
      keepDraft(words, '')
      keepDraft(name, '')
    },
  }
}
