/** What colleagues write about a conversation among themselves. No customer ever sees it. */

import type { Http } from './http'

const id = encodeURIComponent

export interface InternalNote {
  id: string
  /** It stands after the message with this seq, and there in the order of `number`. */
  seq: number
  number: number
  session: number
  author: { id: string; name: string }
  text: string
  /** Shown to this agent, to its author and to supervisors alone. */
  whisper_to: string | null
  client_id: string
  written_at: string
}

export interface NotePage {
  notes: InternalNote[]
  /** The cursor to go on from. */
  after: number
  head: number
  more: boolean
}

export interface NewNote {
  text: string
  client_id: string
  whisper_to?: string
}

export function notesEndpoints(http: Http) {
  return {
    notes: (conversation: string, after: number) =>
      http.call<NotePage>('GET', `conversations/${id(conversation)}/notes`, { query: { after } }),
    addNote: (conversation: string, note: NewNote) =>
      http.call<{ note_id: string }>('POST', `conversations/${id(conversation)}/notes`, { json: note }),
  }
}
