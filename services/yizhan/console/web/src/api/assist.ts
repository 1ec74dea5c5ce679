/** Calls that help an agent answer, and see why the assistant answered. */

import type { PastDecision, Suggested, Suggestions } from './assist-types'
import type { Http } from './http'

/** A large release may have to be opened first. */
const OPENING_MS = 65_000

const id = encodeURIComponent

export function assistEndpoints(http: Http) {
  return {
    suggestions: (conversation: string, signal: AbortSignal) =>
      http.call<Suggestions>('GET', `conversations/${id(conversation)}/suggestions`, { signal }),
    searchKnowledge: (query: { words: string; channel: string }, signal: AbortSignal) =>
      http.call<{ items: Suggested[]; release_id: string | null }>('GET', 'knowledge/search', { query, signal }),
    decision: (message: string, signal: AbortSignal) =>
      http.call<PastDecision>('GET', `messages/${id(message)}/decision`, { signal, timeoutMs: OPENING_MS }),
  }
}
