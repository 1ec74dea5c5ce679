/** Copies a text and says so. */

import { toast } from './toast'
import type { Translate } from '@/i18n/words'

export async function copyText(text: string, t: Translate): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast.done(t('common.copied'))
  } catch {
    toast.note(text) // no clipboard on plain http: at least it can be selected
  }
}
