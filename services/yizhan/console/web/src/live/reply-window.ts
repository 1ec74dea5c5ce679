/** Whether the customer can be written to now, for how long, and why not. Pure. */

import type { Message, ReplyWindow } from '@/api/types'

const SOON_MS = 3_600_000

export type Allowed =
  | { state: 'open' | 'soon'; until: string; leftMs: number; left: number | null }
  | { state: 'closed'; reason: 'window_closed' | 'quota_spent' }

/** Null where the channel has no such rules. `soon`: less than an hour, or a single message, is left. */
export function allowed(window: ReplyWindow | null | undefined, now: number): Allowed | null {
  if (!window) return null
  const leftMs = Date.parse(window.until) - now
  if (!(leftMs > 0)) return { state: 'closed', reason: 'window_closed' }
  if (window.left !== null && window.left <= 0) return { state: 'closed', reason: 'quota_spent' }
  return { state: leftMs < SOON_MS || window.left === 1 ? 'soon' : 'open', until: window.until, leftMs, left: window.left }
}

/** Failures that the next message meets as well, until the customer or the business does something. */
const lasting = new Set(['not_permitted', 'blocked_by_customer', 'account_refused', 'served_elsewhere', 'unknown_customer'])

/**
 * Why the next message may not arrive although the window is open: what stopped the last one to the customer. A message
 * that the customer wrote since then makes it worth a try.
 */
export function obstacle(messages: readonly Message[]): { state: 'held' | 'failed'; reason: string } | null {
  for (const message of [...messages].reverse()) {
    if (message.author.kind === 'customer') return null
    if (message.author.kind === 'system' || !message.receipt) continue
    const reason = message.receipt_reason ?? ''
    if (message.receipt === 'held') return { state: 'held', reason }
    return message.receipt === 'failed' && lasting.has(reason) ? { state: 'failed', reason } : null
  }
  return null
}
