/** The two languages of the console and the choice between them. */

import { createI18n } from 'vue-i18n'
import { zhCN, type Messages } from './zh-CN'
import { en } from './en'

export type Locale = 'zh-CN' | 'en'

export const i18n = createI18n<[Messages], Locale, false>({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zhCN, en },
})

/** The language to start with: what was chosen here before, else the browser's. */
export function firstLocale(stored: string | null, browser: readonly string[]): Locale {
  if (stored === 'zh-CN' || stored === 'en') return stored
  const spoken = browser.find((tag) => tag.startsWith('zh') || tag.startsWith('en'))
  return spoken?.startsWith('en') ? 'en' : 'zh-CN'
}

export function applyLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  document.documentElement.lang = locale
}
