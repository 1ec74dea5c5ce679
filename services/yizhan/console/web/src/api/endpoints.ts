/** Every call the console makes, one function each, typed. */

import { assistEndpoints } from './assist'
import { boardEndpoints } from './board'
import { customersEndpoints } from './customers'
import { handingOnEndpoints } from './handing-on'
import { hoursEndpoints } from './hours'
import { fileForm, type Http } from './http'
import { knowledgeEndpoints } from './knowledge'
import { ticketEndpoints } from './tickets'
import { notesEndpoints } from './notes'
import { ordersEndpoints } from './orders'
import { repliesEndpoints } from './replies'
import { searchEndpoints } from './search'
import { teamEndpoints } from './team'
import type {
  Account,
  Agent,
  AwayReason,
  Box,
  Content,
  ConversationDetail,
  Conversation,
  LiveNumbers,
  Media,
  MessagePage,
  Offer,
  Page,
  Presence,
  Role,
  Session,
  SuggestionUse,
} from './types'

const UPLOAD_MS = 120_000

const id = encodeURIComponent

export function createEndpoints(http: Http) {
  return {
    signIn: (username: string, password: string) =>
      http.call<Session>('POST', 'session', { json: { username, password }, own401: true }),
    session: () => http.call<Session>('GET', 'session', { own401: true }),
    signOut: () => http.call<void>('DELETE', 'session', { own401: true, timeoutMs: 5_000 }),
    changePassword: (old: string, fresh: string) =>
      http.call<void>('POST', 'password', { json: { old, new: fresh }, own401: true }),

    conversations: (box: Box, query: { search?: string; cursor?: string | null } = {}) =>
      http.call<Page<Conversation>>('GET', 'conversations', { query: { box, ...query } }),
    conversation: (conversation: string) =>
      http.call<ConversationDetail>('GET', `conversations/${id(conversation)}`),
    messages: (conversation: string, query: { after?: number; before?: number; limit?: number }) =>
      http.call<MessagePage>('GET', `conversations/${id(conversation)}/messages`, { query }),
    say: (conversation: string, said: { client_id: string; epoch: number; content: Content; suggestion?: SuggestionUse }) =>
      http.call<{ message_id: string }>('POST', `conversations/${id(conversation)}/messages`, { json: said }),
    close: (conversation: string, epoch: number) =>
      http.call<void>('POST', `conversations/${id(conversation)}/close`, { json: { epoch } }),
    returnToBot: (conversation: string, epoch: number) =>
      http.call<void>('POST', `conversations/${id(conversation)}/return`, { json: { epoch } }),
    typing: (conversation: string) =>
      http.call<void>('POST', `conversations/${id(conversation)}/typing`, { timeoutMs: 5_000 }),

    offers: () => http.call<{ items: Offer[] }>('GET', 'offers'),
    acceptOffer: (offer: string) =>
      http.call<{ conversation_id: string; epoch: number }>('POST', `offers/${id(offer)}/accept`),
    declineOffer: (offer: string) => http.call<void>('POST', `offers/${id(offer)}/decline`),

    presence: () => http.call<{ state: Presence; reason?: AwayReason | null }>('GET', 'presence'),
    setPresence: (state: Presence, reason: AwayReason | null = null) =>
      http.call<{ state: Presence }>('POST', 'presence', { json: { state, ...(reason ? { reason } : {}) }, timeoutMs: 8_000 }),

    numbers: (window: number) => http.call<LiveNumbers>('GET', 'numbers', { query: { window } }),
    agents: () => http.call<{ items: Agent[] }>('GET', 'agents'),

    ...assistEndpoints(http),
    ...customersEndpoints(http),
    ...ordersEndpoints(http),
    ...handingOnEndpoints(http),
    ...notesEndpoints(http),
    ...searchEndpoints(http),
    ...repliesEndpoints(http),
    ...knowledgeEndpoints(http),
    ...ticketEndpoints(http),
    ...boardEndpoints(http),
    ...teamEndpoints(http),
    ...hoursEndpoints(http),

    users: () => http.call<{ items: Account[] }>('GET', 'users'),
    createUser: (account: { username: string; name: string; roles: Role[]; capacity: number; password: string }) =>
      http.call<unknown>('POST', 'users', { json: account }),
    changeUser: (user: string, change: { name?: string; roles?: Role[]; enabled?: boolean; capacity?: number }) =>
      http.call<unknown>('PATCH', `users/${id(user)}`, { json: change }),
    resetPassword: (user: string) => http.call<{ password: string }>('POST', `users/${id(user)}/password-reset`),

    upload: (file: File) =>
      http.call<{ media: Media }>('POST', 'media', { form: fileForm(file), timeoutMs: UPLOAD_MS }),
  }
}

export type Endpoints = ReturnType<typeof createEndpoints>
