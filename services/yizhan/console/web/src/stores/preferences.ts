/** What a person likes on this computer: language, appearance, sound. */

import { defineStore } from 'pinia'
import { ref, watchEffect } from 'vue'
import { applyLocale, firstLocale, type Locale } from '@/i18n'
import { isBoolean, isString, shelf } from './storage'

export type Theme = 'light' | 'dark'

export const usePreferences = defineStore('preferences', () => {
  const stored = {
    locale: shelf(localStorage, 'yizhan.locale', '', isString),
    theme: shelf(localStorage, 'yizhan.theme', '', isString),
    sound: shelf(localStorage, 'yizhan.sound', true, isBoolean),
  }
  const locale = ref<Locale>(firstLocale(stored.locale.load(), navigator.languages ?? []))
  const theme = ref<Theme>(stored.theme.load() === 'dark' ? 'dark' : 'light')
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
