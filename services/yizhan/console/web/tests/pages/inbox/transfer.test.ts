/** Handing a conversation on: whom to choose, by keyboard, and what is shown when it is refused. */

import { beforeEach, expect, test } from 'vitest'
import type { Pinia } from 'pinia'
import { Problem } from '@/api/problem'
import type { Agent, Offer } from '@/api/types'
import { choices } from '@/pages/inbox/handing-on/choices'
import OfferCard from '@/pages/inbox/OfferCard.vue'
import TransferDialog from '@/pages/inbox/handing-on/TransferDialog.vue'
import { forgetDrafts } from '@/stores/drafts'
import { useSession } from '@/stores/session'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

const agent = (id: string, presence: Agent['presence'], load = 0): Agent => ({ id, name: id, presence, load, capacity: 2, enabled: true })
const agents = [agent('me', 'online'), agent('dora', 'offline'), agent('cat', 'away'), agent('bob', 'online', 2), agent('ann', 'online')]
const groups = [
  { id: 'g1', name: '退款组', agent_ids: ['ann', 'bob', 'me'], wider_ids: [] },
  { id: 'g2', name: '夜班', agent_ids: ['dora'], wider_ids: [] },
]

let pinia: Pinia
let gateway: FakeGateway
let page: Mounted
let refusal: string

beforeEach(() => {
  pinia = freshPinia()
  forgetDrafts()
  refusal = ''
  gateway = fakeGateway({
    agents: (() => ({ items: agents })) as never,
    groups: (() => ({ items: groups })) as never,
    transfer: (() => {
      if (!refusal) return undefined
      throw new Problem('conflict', { status: 409, code: refusal, title: '', detail: '', retryAfter: null, problems: [], lines: [], count: 0, falls: [] })
    }) as never,
  })
  useSession().enter({ user: { id: 'me', name: 'me', username: 'me', roles: ['agent'] }, csrf: 'c' })
})

async function open(): Promise<void> {
  page = mount(TransferDialog, { conversationId: 'a', epoch: 3 }, pinia)
  await settle()
}

async function press(key: string, init: KeyboardEventInit = {}): Promise<void> {
  const field = document.querySelector<HTMLElement>('[data-testid="transfer-search"]')
  field?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }))
  await settle()
}

const orders = () => gateway.calls.filter((call) => call.name === 'transfer').map((call) => call.args)

test('who can take it comes first, and oneself is not offered', () => {
  const shown = choices(agents, groups, 'me', '', '任何人')
  expect(shown.map((one) => [one.name, one.standing])).toEqual([
    ['退款组', 'free'],
    ['夜班', 'absent'],
    ['ann', 'free'],
    ['bob', 'full'],
    ['cat', 'away'],
    ['dora', 'absent'],
    ['任何人', 'free'],
  ])
  expect(shown[0]).toMatchObject({ here: 2, free: 1 })
})

test('by keyboard alone: down to an agent, and Ctrl+Enter', async () => {
  await open()
  await press('ArrowDown')
  await press('ArrowDown')
  await press('Enter', { ctrlKey: true })
  expect(orders()).toEqual([['a', { epoch: 3, to_agent: 'ann', note: '' }]])
})

test.each([
  ['agent_absent', '对方不在线'],
  ['agent_full', '对方会话已满'],
  ['group_absent', '没有人在线'],
  ['group_full', '都已满'],
  ['stale_epoch', '别人接手'],
  ['note_too_long', '备注太长'],
])('a refusal for %s is told in words, and the dialog stays', async (code, words) => {
  refusal = code
  await open()
  await press('Enter', { ctrlKey: true })
  expect(page.find('transfer-refused').textContent).toContain(words)
  expect(gateway.calls.filter((call) => call.name === 'agents').length).toBe(2) // who is there now
})

test('an offer shows who handed it on, their note, the group and the priority', async () => {
  const offer: Offer = { id: 'o', conversation_id: 'a', customer_name: '王', last_text: '退款', reason: 'transfer', made_at: '2026-11-22T09:00:00Z', expires_at: '2026-11-22T09:00:20Z', deadline: null, epoch: 4, group_id: 'g1', priority: 3, from_agent_id: 'ann', note: '已核实订单' }
  page = mount(OfferCard, { offer, open: false, busy: false }, pinia)
  await settle()
  const words = page.find('offer-origin').textContent
  for (const part of ['紧急', '退款组', 'ann', '已核实订单']) expect(words).toContain(part)
})
