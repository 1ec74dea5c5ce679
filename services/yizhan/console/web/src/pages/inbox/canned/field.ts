/** The field in which one looks for canned replies: the one taken replaces what was looked for, and Tab goes through its blanks. */

import { nextTick, ref, watch, type Ref } from 'vue'
import type { FoundReply } from '@/api/replies'
import type { useCompositionEnter } from '../notes/enter'
import { nextBlank, type useCannedReplies } from './picker'

type Canned = ReturnType<typeof useCannedReplies>
type Enter = ReturnType<typeof useCompositionEnter>

export function useCannedField(canned: Canned, text: Ref<string>, area: Ref<HTMLTextAreaElement | null>, enter: Enter) {
  /** A blank was about to be sent. */
  const noticed = ref(false)
  watch(canned.unfilled, (blanks) => blanks.length === 0 && (noticed.value = false))

  async function showBlank(from: number): Promise<void> {
    await nextTick()
    const place = nextBlank(text.value, canned.unfilled.value, from)
    if (!place) return
    area.value?.focus()
    area.value?.setSelectionRange(place.start, place.end)
  }

  async function use(reply: FoundReply): Promise<void> {
    text.value = canned.take(reply)
    await nextTick()
    area.value?.focus()
    await showBlank(0)
  }

  /** The keys of the open search. True: it was one of them. */
  function searched(event: KeyboardEvent): boolean {
    if (canned.query.value === null || enter.composing() || event.isComposing) return false
    const chosen = canned.chosen.value
    if (event.key === 'Escape') canned.dismiss()
    else if (event.key === 'ArrowDown') canned.move(1)
    else if (event.key === 'ArrowUp') canned.move(-1)
    else if (event.key === 'Tab' && chosen) void use(chosen)
    else if (enter.ends(event) && (chosen || canned.loading.value)) {
      if (chosen && !canned.loading.value) void use(chosen)
    } else return false // nothing is found: it is meant as it stands
    event.preventDefault()
    event.stopPropagation()
    return true
  }

  return {
    noticed,
    use,
    /** A press of the search's keys, or of Tab between blanks. True: it was one of them, and is done. */
    pressed(event: KeyboardEvent): boolean {
      if (searched(event)) return true
      if (event.key !== 'Tab' || event.shiftKey || canned.unfilled.value.length === 0) return false
      event.preventDefault()
      void showBlank(area.value?.selectionEnd ?? 0)
      return true
    },
    /** True: a blank is still there. It is shown instead of sent. */
    stops(): boolean {
      if (canned.unfilled.value.length === 0) return false
      noticed.value = true
      void showBlank(0)
      return true
    },
  }
}
