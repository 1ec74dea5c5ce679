/** Languages that agents speak, by their codes. */

import type { Translate } from '@/i18n/words'

export const languageCodes = ['zh', 'en', 'yue', 'ja', 'ko'] as const

/** A language's name where the catalogue has one, its code otherwise. */
export function languageName(code: string, t: Translate): string {
  const known = languageCodes.find((one) => one === code)
  return known ? t(`team.language.${known}`) : code
}
