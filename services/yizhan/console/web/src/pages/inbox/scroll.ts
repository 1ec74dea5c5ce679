/**
 * Keeps a transcript's scroll position sane: at the bottom it follows new messages; elsewhere it stays where it is,
 * also when older messages are put in above, and counts what arrived below.
 */

import { nextTick, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

const NEAR_BOTTOM = 60
const NEAR_TOP = 240

export function useTranscriptScroll(frame: Ref<HTMLElement | null>, body: Ref<HTMLElement | null>, wantOlder: () => void) {
  const following = ref(true)
  const below = ref(0)
  let sizes: ResizeObserver | undefined
  /** Where following it has led. */
  let led = 0

  function toBottom(): void {
    const element = frame.value
    if (!element) return
    element.scrollTop = element.scrollHeight
    led = element.scrollTop
    following.value = true
    below.value = 0
  }

  function scrolled(): void {
    const element = frame.value
    if (!element) return
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_BOTTOM
    // Rows below have got their real heights: nobody has scrolled away.
    if (following.value && !near && element.scrollTop >= led) return toBottom()
    following.value = near
    if (following.value) below.value = 0
    if (element.scrollTop < NEAR_TOP) wantOlder()
  }

  /** Runs a change that puts rows in above, and holds the row that is at the top now where it is. */
  async function holding(change: () => Promise<void>): Promise<void> {
    const element = frame.value
    const top = element?.getBoundingClientRect().top ?? 0
    const anchor = [...(element?.querySelectorAll<HTMLElement>('[data-seq]') ?? [])].find(
      (row) => row.getBoundingClientRect().bottom > top,
    )
    const seq = anchor?.dataset['seq']
    const before = anchor?.getBoundingClientRect().top ?? 0
    await change()
    await nextTick()
    const after = seq ? element?.querySelector<HTMLElement>(`[data-seq="${seq}"]`) : null
    if (element && after) element.scrollTop += after.getBoundingClientRect().top - before
  }

  onMounted(() => {
    // Images and late layout change heights after rows were added.
    sizes = new ResizeObserver(() => {
      if (following.value) toBottom()
    })
    if (body.value) sizes.observe(body.value)
    if (frame.value) sizes.observe(frame.value)
  })
  onBeforeUnmount(() => sizes?.disconnect())

  return {
    following,
    below,
    toBottom,
    scrolled,
    holding,
    async appended(count: number, own: boolean): Promise<void> {
      if (!following.value && !own) {
        below.value += count
        return
      }
      await nextTick()
      toBottom()
    },
  }
}
