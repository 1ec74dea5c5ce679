/** One question at a time, asked in a dialog of ours (`shell/ConfirmDialog.vue`). */

import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  ok: string
  danger: boolean
  answer: (yes: boolean) => void
}

export const question = shallowRef<Question | null>(null)

export function confirm(asked: { title: string; text: string; ok: string; danger?: boolean }): Promise<boolean> {
  question.value?.answer(false)
  return new Promise((resolve) => {
    question.value = {
      danger: false,
      ...asked,
      answer: (yes) => {
        question.value = null
        resolve(yes)
      },
    }
  })
}
