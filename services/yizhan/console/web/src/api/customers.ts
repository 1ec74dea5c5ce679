/** Customers over all channels: identities, tags, notes, and what is known of them. */

import type { Http } from './http'

const id = encodeURIComponent

interface Editor {
  id: string
  name: string
}

export interface Identity {
  id: string
  channel: string
  account: string
  customer: string
  name: string
  verified: boolean
  /** It was linked by a person, and can be unlinked. */
  linked: boolean
  conversations: number
  sessions: number
  messages: number
  /** Newest first. */
  conversation_ids: string[]
  first_seen_at: string | null
  last_seen_at: string | null
}

export interface KnownCustomer {
  id: string
  name: string
  locale: string
  verified: boolean
  identities: Identity[]
  tags: { tag: string; by: Editor; at: string }[]
  first_seen_at: string | null
  last_seen_at: string | null
}

export interface Counted {
  name: string
  count: number
}

export interface CustomerRating {
  conversation_id: string
  session: number
  score: number
  agent_id: string | null
  at: string
}

export interface CustomerView {
  customer: KnownCustomer
  attributes: { name: string; value: string; by: Editor; at: string }[]
  notes: { id: string; text: string; by: Editor; at: string }[]
  profile: {
    topics: Counted[]
    handoffs: Counted[]
    ratings: CustomerRating[]
    figures: Record<string, number | null>
    value_tags: { tag: string; label: { zh: string; en: string }; because: { condition: string; value: number }[] }[]
    /** The figures of the last 90 days are "at least". */
    partial: boolean
  }
}

export interface SummaryLine {
  kind: 'trigger' | 'said' | 'answered' | 'task'
  text: string
  /** Where in the transcript it is from. */
  seqs: number[]
}

export interface SessionSummary {
  session: number
  handoff_reason: string | null
  lines: SummaryLine[]
  /** A model may be asked for it in words. */
  wording_offered: boolean
}

export interface LinkSuggestion {
  identity: Identity
  customer_id: string
  reason: string
  same_account: boolean
}

export interface LinkOrder {
  identity_id?: string
  customer_id?: string
  reason: string
  force: boolean
}

export function customersEndpoints(http: Http) {
  const of = (customer: string, part: string) => `customers/${id(customer)}/${part}`
  return {
    customerOf: (conversation: string) =>
      http.call<CustomerView>('GET', `conversations/${id(conversation)}/customer`),
    summary: (conversation: string) => http.call<SessionSummary>('GET', `conversations/${id(conversation)}/summary`),
    /** No lines where nothing came of it. */
    wordedSummary: (conversation: string) =>
      http.call<{ session: number; lines: SummaryLine[] }>('GET', `conversations/${id(conversation)}/summary/worded`),
    findCustomers: (search: string, signal: AbortSignal) =>
      http.call<{ items: KnownCustomer[]; next: string | null }>('GET', 'customers', { query: { search }, signal }),
    linkSuggestions: (customer: string) => http.call<{ items: LinkSuggestion[] }>('GET', of(customer, 'suggestions')),
    linkCustomer: (customer: string, order: LinkOrder) =>
      http.call<CustomerView>('POST', of(customer, 'link'), { json: order }),
    unlinkCustomer: (customer: string, identity: string, reason: string) =>
      http.call<CustomerView>('POST', of(customer, 'unlink'), { json: { identity_id: identity, reason } }),
    tagCustomer: (customer: string, change: { add?: string[]; remove?: string[] }) =>
      http.call<CustomerView>('POST', of(customer, 'tags'), { json: change }),
    setCustomerAttribute: (customer: string, name: string, value: string) =>
      http.call<CustomerView>('POST', of(customer, 'attributes'), { json: { set: { [name]: value } } }),
    noteOnCustomer: (customer: string, text: string) =>
      http.call<CustomerView>('POST', of(customer, 'notes'), { json: { text } }),
  }
}
