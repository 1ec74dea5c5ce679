import { afterEach, describe, expect, test } from 'vitest'
import type { SystemTrouble } from '@/api/board'
import { i18n } from '@/i18n'
import SystemTroubles from '@/pages/board/SystemTroubles.vue'
import { fakeGateway, freshPinia, mount, type Mounted } from '../../mount'

let mounted: Mounted | undefined

afterEach(() => {
  mounted?.app.unmount()
  mounted = undefined
})

function shown(systems: SystemTrouble[], locale: 'zh-CN' | 'en' = 'zh-CN'): string[] {
  const pinia = freshPinia()
  i18n.global.locale.value = locale
  fakeGateway({})
  mounted = mount(SystemTroubles, { systems }, pinia)
  return [...mounted.root.querySelectorAll('[data-testid=board-system]')].map((item) => item.textContent ?? '')
}

const since = new Date(Date.now() - 600_000).toISOString()
const failing: SystemTrouble = { name: 'crm', state: 'failing', since, problem: 'status_500', waiting: 7 }

describe('own agent systems on the board', () => {
  test('one that takes nothing is named, with the reason and what waits', () => {
    const [line] = shown([failing])
    expect(line).toContain('crm')
    expect(line).toContain('持续 10 分，')
    expect(line).toContain('7 个事件')
    expect(line).toContain('status_500')
  })

  test('one that was given up needs an operator', () => {
    const [line] = shown([{ ...failing, state: 'disabled', problem: 'gone' }], 'en')
    expect(line).toContain('operator')
    expect(line).toContain('gone')
  })

  test('where all is well nothing is shown', () => {
    expect(shown([])).toEqual([])
  })
})
