/** A customer's orders, as the business's own system tells them now. */

import type { Http } from './http'
import type { Content } from './types'

const id = encodeURIComponent

type Card<T> = Extract<Content, { type: T }>

export interface CustomerOrder {
  card: Card<'order'>
  phase: string
  placed_at: string | null
  parcels: Card<'logistics'>[]
  refunds: Card<'refund'>[]
  /** Whether they can be applied for now; else `text` says why not, in the business's words. `days`: 0 for no such rule. */
  after_sales: { open: boolean; code: string | null; text: string; days: number }
  /** The clues that lead to it, by their places. */
  by: number[]
}

export interface OrderClue {
  kind: 'customer' | 'phone' | 'number' | 'buyer'
  shown: string
  source: 'platform' | 'vouched' | 'noted' | 'shown' | 'said' | 'asked'
  outcome: 'found' | 'none' | 'refused' | 'unavailable' | 'failed'
  text: string | null
}

export interface OrdersFound {
  /** The business has an order system. */
  connected: boolean
  /** Newest first. */
  orders: CustomerOrder[]
  /** None: nothing is known that orders could be found by. */
  clues: OrderClue[]
  more: boolean
}

export function ordersEndpoints(http: Http) {
  const of = (conversation: string) => `conversations/${id(conversation)}/orders`
  return {
    ordersOf: (conversation: string, locale: string) =>
      http.call<OrdersFound>('GET', of(conversation), { query: { locale } }),
    searchOrders: (conversation: string, words: string, locale: string) =>
      http.call<OrdersFound>('POST', `${of(conversation)}/search`, { json: { words, locale } }),
  }
}
