/** Where a transcript stands: at the bottom it follows, wherever the reader is it stays. */

import { beforeEach, expect, test } from 'vitest'
import { createApp, defineComponent, ref } from 'vue'
import { useTranscriptScroll } from '@/pages/inbox/scroll'

/** As much of an element as scrolling needs; like a browser's, it never scrolls past its end. */
class Frame {
  scrollHeight = 1_000
  readonly clientHeight = 400
  private top = 0

  get scrollTop(): number {
    return this.top
  }

  set scrollTop(value: number) {
    this.top = Math.min(value, this.scrollHeight - this.clientHeight)
  }
}

let frame: Frame
let scroll: ReturnType<typeof useTranscriptScroll>

beforeEach(() => {
  frame = new Frame()
  const element = ref<HTMLElement | null>(null)
  const page = defineComponent(() => {
    scroll = useTranscriptScroll(element, ref(null), () => undefined)
    return () => null
  })
  createApp(page).mount(document.createElement('div'))
  element.value = frame as unknown as HTMLElement
  scroll.toBottom()
})

test('rows that turn out higher than thought are followed to the end', () => {
  frame.scrollHeight = 2_500
  scroll.scrolled()
  expect(frame.scrollTop).toBe(2_100)
  expect(scroll.following.value).toBe(true)
})

test('who scrolls up is left alone', () => {
  frame.scrollTop = 200
  scroll.scrolled()
  frame.scrollHeight = 2_500
  scroll.scrolled()
  expect(frame.scrollTop).toBe(200)
  expect(scroll.following.value).toBe(false)
})

test('who comes back to the end follows again', () => {
  frame.scrollTop = 200
  scroll.scrolled()
  frame.scrollTop = 600
  scroll.scrolled()
  expect(scroll.following.value).toBe(true)
})
