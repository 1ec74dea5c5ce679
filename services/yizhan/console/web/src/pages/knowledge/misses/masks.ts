/** Personal data that the gateway took out of customers' words: `[PHONE_1]` and the like, told in the reader's language. */

import type { Translate } from '@/i18n/words'

export const privateKinds = ['EMAIL', 'IDCARD', 'CARD', 'PHONE', 'ORDER', 'ACCOUNT', 'PLATE', 'ADDRESS', 'NAME', 'NUMBER'] as const

const MASK = new RegExp(`\\[(${privateKinds.join('|')})_\\d{1,4}\\]`, 'g')

export function unmasked(text: string, t: Translate): string {
  return text.replace(MASK, (_, kind: string) => t('knowledge.misses.hidden', { what: t(`knowledge.misses.private.${kind}`) }))
}
