/** What a person likes on this computer: language, appearance, sound. */

import { defineStore } from 'pinia'
import { ref, watchEffect } from 'vue'
import { applyLocale, firstLocale, type Locale } from '@/i18n'
import { isBoolean, isString, shelf } from './storage'

/** How one's own conversations are ordered: by the last message, or by when an answer is due. */
export type Order = 'latest' | 'urgent'

export type Theme = 'light' | 'dark'

/** What was chosen here, or what the computer shows everywhere else. */
function firstTheme(chosen: string): Theme {
  if (chosen === 'dark' || chosen === 'light') return chosen
  return window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const usePreferences = defineStore('preferences', () => {
  const stored = {
    locale: shelf(localStorage, 'yizhan.locale', '', isString),
    theme: shelf(localStorage, 'yizhan.theme', '', isString),
    sound: shelf(localStorage, 'yizhan.sound', true, isBoolean),
    order: shelf(localStorage, 'yizhan.order', 'latest', isString),
  }
  const locale = ref<Locale>(firstLocale(stored.locale.load(), navigator.languages ?? []))
  const theme = ref<Theme>(firstTheme(stored.theme.load()))
  const sound = ref(stored.sound.load())
  const order = ref<Order>(stored.order.load() === 'urgent' ? 'urgent' : 'latest')

  watchEffect(() => applyLocale(locale.value))
  watchEffect(() => document.documentElement.classList.toggle('dark', theme.value === 'dark'))

  return {
    locale,
    theme,
    sound,
    order,
    setOrder(value: Order) {
      order.value = value
      stored.order.save(value)
    },
    setLocale(value: Locale) {
      locale.value = value
      stored.locale.save(value)
    },
    setTheme(value: Theme) {
      theme.value = value
      stored.theme.save(value)
    },
    setSound(value: boolean) {
      sound.value = value
      stored.sound.save(value)
    },
  }
})
