/** Canned replies: those of the workspace, and one's own. */

import type { Http } from './http'

const id = encodeURIComponent

export interface CannedReply {
  id: string
  shared: boolean
  title: string
  /** As in /refund; empty: none. */
  shortcut: string
  folder: string
  language: '' | 'zh' | 'en'
  text: string
  revision: number
  uses: number
  updated_at: string
  updated_by: string
}

export type ReplyDraft = Pick<CannedReply, 'title' | 'text' | 'shared' | 'shortcut' | 'folder' | 'language'>

export interface FoundReply extends CannedReply {
  /** The text with what is known of the conversation. */
  rendered: string
  missing: string[]
  /** What stands in `rendered` for each of `missing`. */
  blanks: string[]
}

export interface ReplyVariable {
  name: string
  label: { zh: string; en: string }
}

export interface ReplyPage {
  items: CannedReply[]
  next: string | null
  variables: ReplyVariable[]
  workspace_name: string
  may_share: boolean
}

export function repliesEndpoints(http: Http) {
  return {
    replies: (cursor: string | null) => http.call<ReplyPage>('GET', 'replies', { query: { cursor } }),
    createReply: (draft: ReplyDraft) => http.call<{ reply: CannedReply }>('POST', 'replies', { json: draft }),
    changeReply: (reply: string, draft: ReplyDraft & { revision: number }) =>
      http.call<{ reply: CannedReply }>('PUT', `replies/${id(reply)}`, { json: draft }),
    deleteReply: (reply: string, revision: number) =>
      http.call<void>('DELETE', `replies/${id(reply)}`, { query: { revision } }),
    searchReplies: (query: { q: string; conversation: string }, signal: AbortSignal) =>
      http.call<{ items: FoundReply[] }>('GET', 'replies/search', { query, signal }),
    useReply: (reply: string) => http.call<void>('POST', `replies/${id(reply)}/use`, { timeoutMs: 5_000 }),
    nameWorkspace: (name: string) => http.call<void>('PUT', 'replies/workspace-name', { json: { name } }),
  }
}
