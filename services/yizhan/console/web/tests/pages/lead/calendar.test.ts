/** The month of a calendar: what is chosen is the day that was seen. */

import { afterEach, expect, test } from 'vitest'
import type { CalendarMonth, ContractInForce } from '@/api/hours'
import { i18n } from '@/i18n'
import { monthAt } from '@/pages/hours/days'
import CalendarTab from '@/pages/hours/CalendarTab.vue'
import { fakeGateway, freshPinia, mount, settle, type Mounted } from '../../mount'

const zone = 'Asia/Shanghai'
const contract: ContractInForce = {
  version: 'v1',
  text: '',
  standard: false,
  published_at: null,
  published_by: '',
  title: 'office',
  zone,
  calendars: [{ name: 'office', zone, country: 'CN' }],
  unconfirmed: [],
}

const monthOf = (month: string): { items: CalendarMonth[] } => ({
  items: [
    {
      calendar: 'office',
      zone,
      days: Array.from({ length: 28 }, (_, n) => {
        const day = `${month}-${String(n + 1).padStart(2, '0')}`
        return { day, hours: ['09:00-18:00'], usual: ['09:00-18:00'], reason: '', decided: false, unconfirmed: false }
      }),
    },
  ],
})

let mounted: Mounted | undefined
afterEach(() => mounted?.app.unmount())

test('no day of the month before can be chosen while the month asked for is not here', async () => {
  const asked: { month: string; answer: () => void }[] = []
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  fakeGateway({
    calendarDays: (month: string) => new Promise((resolve) => asked.push({ month, answer: () => resolve(monthOf(month)) })),
    specialDays: () => Promise.resolve({ items: [] }),
  })
  mounted = mount(CalendarTab, { contract }, pinia)
  const { find } = mounted
  await settle()
  expect(find('month-grid').getAttribute('aria-busy')).toBe('true')
  asked[0]!.answer()
  await settle()
  const first = monthAt(Date.now())
  expect(find('month-day').dataset['day']).toBe(`${first}-01`)
  expect(find('month-grid').getAttribute('aria-busy')).toBe('false')

  find('month-next').click()
  await settle()
  find('month-next').click()
  await settle()
  expect(find('month-grid').hasAttribute('inert')).toBe(true)
  asked[1]!.answer()
  await settle()
  expect(find('month-grid').hasAttribute('inert'), 'only the last month asked for counts').toBe(true)
  asked[2]!.answer()
  await settle()
  expect(find('month-grid').hasAttribute('inert')).toBe(false)
  expect(find('month-day').dataset['day']).toBe(`${asked[2]!.month}-01`)
})
