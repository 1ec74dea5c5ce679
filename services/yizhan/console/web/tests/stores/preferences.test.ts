import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { usePreferences } from '@/stores/preferences'

/** A computer that shows everything in this appearance. */
function computer(theme: 'light' | 'dark'): void {
  vi.spyOn(window, 'matchMedia').mockImplementation((query) => Object.assign(new EventTarget(), { matches: query.includes(theme), media: query }) as never)
}

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})

afterEach(() => {
  vi.restoreAllMocks()
  localStorage.clear()
  document.documentElement.classList.remove('dark')
})

describe('the appearance', () => {
  it.each(['light', 'dark'] as const)('is the computer\'s, %s, where nobody chose one', async (theme) => {
    computer(theme)
    expect(usePreferences().theme).toBe(theme)
    await nextTick()
    expect(document.documentElement.classList.contains('dark')).toBe(theme === 'dark')
  })

  it.each([
    ['light', 'dark'],
    ['dark', 'light'],
  ] as const)('is what was chosen, %s, on a computer that is %s', (chosen, theme) => {
    computer(theme)
    usePreferences().setTheme(chosen)
    setActivePinia(createPinia())
    expect(usePreferences().theme).toBe(chosen)
  })
})
