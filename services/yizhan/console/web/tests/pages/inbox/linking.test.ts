/** Beside a conversation: who else is the same customer. */

import { expect, test, vi } from 'vitest'
import { Problem } from '@/api/problem'
import type { KnownCustomer } from '@/api/customers'
import LinkCustomer from '@/pages/inbox/profile/LinkCustomer.vue'
import { fakeGateway, freshPinia, mount, settle } from '../../mount'

const identity = (customer: string) => ({ id: `i-${customer}`, channel: 'website', account: 'demo', customer, name: '', verified: false, linked: false })
const nameless = { id: '5d0c3a44-1e8b', name: '', identities: [identity('v:cyZq1xrB')], tags: [] } as unknown as KnownCustomer

test('somebody without a name is called as everywhere else, and the same account takes a reason that is asked for once', async () => {
  vi.useFakeTimers()
  const asked: unknown[] = []
  fakeGateway({
    linkSuggestions: () => Promise.resolve({ items: [] }),
    findCustomers: () => Promise.resolve({ items: [nameless], next: null }),
    linkCustomer: ((_: string, order: { force: boolean }) => {
      asked.push(order.force)
      throw new Problem('conflict', { code: 'same_account' })
    }) as never,
  })
  const view = { customer: { id: 'here', name: '', identities: [], tags: [] } }
  const page = mount(LinkCustomer, { view, change: () => Promise.resolve(true) }, freshPinia())
  page.find('link-open').click()
  await settle()
  const field = page.find<HTMLInputElement>('link-search')
  field.value = '1xrB'
  field.dispatchEvent(new Event('input'))
  await vi.advanceTimersByTimeAsync(400)
  await settle()
  expect(page.find('link-customer').textContent).toContain('访客 1xrB')
  vi.useRealTimers()
  page.find('link-found').click()
  await settle()
  document.querySelector<HTMLElement>('[data-testid=link-send]')!.click()
  await settle()
  const alerts = [...document.querySelectorAll('[data-testid=link-dialog] [role=alert]')]
  expect(alerts.map((one) => one.textContent)).toEqual([expect.stringContaining('请写明原因')])
  expect(asked).toEqual([false])
})
