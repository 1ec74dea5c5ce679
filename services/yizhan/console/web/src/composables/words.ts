/** The words of `i18n/words`, bound to the language that is chosen. */

import { useI18n } from 'vue-i18n'
import type { Content, Message } from '@/api/types'
import * as words from '@/i18n/words'
import type { Allowed } from '@/live/reply-window'

export function useWords() {
  const { t: translate, te, locale } = useI18n()
  const t: words.Translate = (key, named) => translate(key, named ?? {})
  return {
    t,
    locale,
    explain: (error: unknown) => words.explain(error, t, te),
    named: (group: 'handoff' | 'reason' | 'channel', code: string) => words.named(group, code, t, te),
    unsent: (message: Pick<Message, 'receipt' | 'receipt_reason' | 'fallback'>) => words.unsent(message, t, te),
    heldBy: (reason: string) => words.inWords('held', reason, t, te),
    allowance: (allowed: Allowed, channel: string, now: number) => words.allowance(allowed, channel, now, t),
    preview: (content: Content) => words.preview(content, t),
    customerName: (customer: { id: string; name: string }) => words.customerName(customer, t),
    duration: (ms: number) => words.duration(ms, t),
    relative: (iso: string | null, now: number) => words.relative(iso, now, t),
    until: (iso: string, now: number) => words.until(iso, now, t),
    moment: (iso: string | null, now: number) => words.moment(iso, now, t),
  }
}
