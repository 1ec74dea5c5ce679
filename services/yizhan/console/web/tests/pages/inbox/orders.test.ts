/** Beside a conversation: the customer's orders, and what is told where there are none. */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { h, reactive } from 'vue'
import type { CustomerOrder, OrderClue, OrdersFound } from '@/api/orders'
import { Problem } from '@/api/problem'
import CustomerOrders from '@/pages/inbox/profile/CustomerOrders.vue'
import { fakeGateway, freshPinia, mount, settle, type Mounted } from '../../mount'

const clue = (given: Partial<OrderClue> = {}): OrderClue => ({ kind: 'phone', shown: '138****8000', source: 'noted', outcome: 'found', text: null, ...given })

function order(number: string, given: Partial<CustomerOrder> = {}): CustomerOrder {
  const chair = { goods_id: 'CHAIR', title: '橡木餐椅', price_minor: 59900, currency: 'CNY' }
  return {
    card: { type: 'order', order_id: number, status: '运输中', goods: [chair, chair], total_minor: 119800, currency: 'CNY', url: '' },
    phase: 'shipped',
    placed_at: '2026-11-20T12:31:00.000Z',
    parcels: [],
    refunds: [],
    after_sales: { open: false, code: 'not_received', text: '订单签收后才能申请售后', days: 7 },
    by: [0],
    ...given,
  }
}

const answer = (clues: OrderClue[], orders: CustomerOrder[] = [], more = false): OrdersFound => ({ connected: true, clues, orders, more })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function card(known: () => OrdersFound, search: () => OrdersFound = known, props: Record<string, unknown> = {}) {
  const gateway = fakeGateway({ ordersOf: (() => known()) as never, searchOrders: (() => search()) as never })
  const page = mount(CustomerOrders, { conversationId: 'c1', session: 1, known: true, phone: '', ...props }, freshPinia())
  await vi.advanceTimersByTimeAsync(300)
  await settle()
  return { page, gateway }
}

async function type(page: Mounted, words: string): Promise<void> {
  const field = page.find<HTMLInputElement>('orders-search')
  field.value = words
  field.dispatchEvent(new Event('input'))
  await settle()
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))
  await settle()
}

const text = (page: Mounted) => page.root.textContent ?? ''
const told = (page: Mounted) => [...page.root.querySelectorAll('[data-testid=orders-trouble]')].map((one) => one.textContent)
const rows = (page: Mounted) => [...page.root.querySelectorAll('[data-testid=order] b')].map((one) => one.textContent)

test('an order is told in two lines, with how many of each article', async () => {
  const { page } = await card(() => answer([clue()], [order('SJ100001')]))
  const [summary] = page.root.querySelectorAll('[data-testid=order] summary')
  for (const words of ['SJ100001', '运输中', '橡木餐椅 ×2', '¥1198.00']) expect(summary?.textContent).toContain(words)
  expect(summary?.textContent).not.toContain('未核实')
  expect(text(page)).toContain('订单签收后才能申请售后')
})

test('orders that a platform knows by its buyer', async () => {
  const buyer = clue({ kind: 'buyer', shown: 'AAE-lin', source: 'platform' })
  const refund = { type: 'refund' as const, refund_id: 'R1', order_id: '26', status: '退款中', amount_minor: 0, currency: 'CNY', url: '' }
  const { page } = await card(() => answer([buyer], [order('26', { placed_at: null, refunds: [refund] })]))
  expect(page.find('orders-by-buyer').textContent).toContain('按平台上的买家账号查到')
  expect(text(page)).not.toContain('未核实')
  expect(text(page)).not.toContain('¥0.00')
  expect(page.root.querySelector('[data-testid=order] summary time')).toBeNull()
})

test('a platform that finds none by their buyer says so', async () => {
  const { page } = await card(() => answer([clue({ kind: 'buyer', shown: 'dd-lin', source: 'platform', outcome: 'refused', text: '请提供订单号' })]))
  expect(told(page)[0]).toContain('平台买家 dd-lin')
  expect(told(page)[0]).toContain('请提供订单号')
})

test('whose number is only the customer’s own word is marked', async () => {
  const clues = [clue({ source: 'said' }), clue({ kind: 'number', source: 'shown' })]
  const { page } = await card(() => answer(clues, [order('SJ1', { by: [0] }), order('SJ2', { by: [0, 1] })]))
  const marks = [...page.root.querySelectorAll('[data-testid=order] summary')].map((one) => one.textContent?.includes('未核实'))
  expect(marks).toEqual([true, false])
  expect(page.root.querySelectorAll('[data-testid=orders-hearsay]')).toHaveLength(1)
})

describe('where there is nothing to show, why is told', () => {
  const cases: [string, OrderClue[], string[]][] = [
    ['no such order', [clue({ outcome: 'none' })], ['手机号 138****8000：没有找到订单']],
    ['a rule forbids it', [clue({ kind: 'number', shown: 'SJ100010', outcome: 'refused', text: '需要核实身份' })], ['订单 SJ100010：需要核实身份']],
    ['no answer', [clue({ outcome: 'unavailable' })], ['手机号 138****8000：订单系统没有回应']],
    ['nonsense', [clue({ kind: 'customer', shown: 'lin', outcome: 'failed' })], ['业务账号 lin：订单系统的回答无法识别，请告诉管理员']],
  ]
  test.each(cases)('%s', async (_, clues, words) => {
    const { page } = await card(() => answer(clues))
    expect(told(page)).toEqual(words)
    expect(page.maybe('orders-unknown')).toBeNull()
  })

  test('nothing is known', async () => {
    const { page } = await card(() => answer([]))
    expect(page.find('orders-unknown').textContent).toContain('还不知道')
  })

  test('the console itself has no answer, and trying again has', async () => {
    let times = 0
    const { page } = await card(() => {
      times += 1
      if (times === 1) throw new Problem('offline')
      return answer([clue()], [order('SJ1')])
    })
    expect(page.root.querySelector('[role=alert]')).not.toBeNull()
    page.find('orders-again').click()
    await settle()
    expect(rows(page)).toEqual(['SJ1'])
  })
})

test('a business without an order system sees nothing of orders', async () => {
  const { page } = await card(() => ({ connected: false, clues: [], orders: [], more: false }))
  expect(page.maybe('customer-orders')).toBeNull()
})

test('of many orders three are shown until all are wanted', async () => {
  const { page } = await card(() => answer([clue()], ['1', '2', '3', '4', '5'].map((one) => order(one)), true))
  expect(rows(page)).toEqual(['1', '2', '3'])
  page.find('orders-all').click()
  await settle()
  expect(rows(page)).toHaveLength(5)
  expect(text(page)).toContain('更早的请到订单系统查看')
})

test('what is typed is searched for, kept as the customer’s number if wanted, and left again', async () => {
  const { page, gateway } = await card(
    () => answer([clue()], [order('SJ1')]),
    () => answer([clue({ source: 'asked' })], [order('SJ9')]),
  )
  await type(page, ' 13800138000 ')
  expect(gateway.calls.at(-1)).toEqual({ name: 'searchOrders', args: ['c1', '13800138000', 'zh-CN'] })
  expect(rows(page)).toEqual(['SJ9'])
  expect(page.find('orders-remember').textContent).toContain('手机号')
  page.find('orders-back').click()
  await settle()
  expect(rows(page)).toEqual(['SJ1'])
  expect(page.maybe('orders-remember')).toBeNull()
})

test('a number that is put down already, or is an order’s, is not offered to be kept', async () => {
  const { page } = await card(() => answer([]), () => answer([clue({ source: 'asked' })], [order('SJ9')]), { phone: '13800138000' })
  await type(page, '13800138000')
  expect(page.maybe('orders-remember')).toBeNull()
})

test('of what was typed one thing is told, the worst', async () => {
  const clues = [clue({ source: 'asked', outcome: 'none' }), clue({ kind: 'number', source: 'asked', outcome: 'unavailable' })]
  const { page } = await card(() => answer([]), () => answer(clues))
  await type(page, '18600000000')
  expect(told(page)).toEqual(['订单系统没有回应'])
})

test('who passes through conversations asks for the last one only, and never sees another’s orders', async () => {
  const props = reactive({ conversationId: 'c1', session: 1, known: true, phone: '' })
  const waiting: ((said: OrdersFound) => void)[] = []
  const gateway = fakeGateway({ ordersOf: (() => new Promise((resolve) => waiting.push(resolve))) as never })
  const page = mount({ render: () => h(CustomerOrders, { ...props }) }, {}, freshPinia())
  props.conversationId = 'c2'
  await settle()
  await vi.advanceTimersByTimeAsync(300)
  expect(gateway.calls.map((one) => one.args[0])).toEqual(['c2'])
  props.conversationId = 'c3'
  await settle()
  await vi.advanceTimersByTimeAsync(300)
  waiting[1]!(answer([clue()], [order('of c3')]))
  waiting[0]!(answer([clue()], [order('of c2')]))
  await settle()
  expect(rows(page)).toEqual(['of c3'])
})
