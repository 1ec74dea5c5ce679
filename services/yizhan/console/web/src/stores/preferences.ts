/** What a person likes on this computer: language, appearance, sound. */

import { defineStore } from 'pinia'
import { ref, watchEffect } from 'vue'
import { applyLocale, firstLocale, type Locale } from '@/i18n'
import { isBoolean, isString, shelf } from './storage'

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
  }
  const locale = ref<Locale>(firstLocale(stored.locale.load(), navigator.languages ?? []))
  const theme = ref<Theme>(firstTheme(stored.theme.load()))
  const sound = ref(stored.sound.load())

  watchEffect(() => applyLocale(locale.value))
  watchEffect(() => document.documentElement.classList.toggle('dark', theme.value === 'dark'))

  return {
    locale,
    theme,
    sound,
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
