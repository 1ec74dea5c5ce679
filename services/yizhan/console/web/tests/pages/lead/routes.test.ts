/** Routing rules: edited together, saved together, and never over somebody else's. */

import { afterEach, expect, test } from 'vitest'
import type { Endpoints } from '@/api/endpoints'
import { problemFrom } from '@/api/problem'
import type { RouteRule } from '@/api/team'
import { i18n } from '@/i18n'
import { blankRule } from '@/pages/team/rules'
import RoutesTab from '@/pages/team/RoutesTab.vue'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

const groups = [{ id: 'g1', name: '售后组', agent_ids: [], wider_ids: [] }]
const rule = (part: Partial<RouteRule>): RouteRule => ({ ...blankRule(), ...part })
const two = [rule({ reason: 'complaint', group_id: 'g1', priority: 3 }), rule({ language: 'en', group_id: 'gone' })]

let mounted: Mounted | undefined
let gateway: FakeGateway

async function shown(answers: Partial<Endpoints>): Promise<Mounted> {
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  gateway = fakeGateway({ routeRules: () => Promise.resolve({ items: two, revision: 4 }), ...answers })
  mounted = mount(RoutesTab, { members: [], groups }, pinia)
  await settle()
  return mounted
}

const rows = () => [...document.querySelectorAll<HTMLElement>('[data-testid="team-route"]')]
const saved = () => gateway.calls.filter((call) => call.name === 'putRouteRules').map((call) => call.args)
const swap = async () => {
  rows()[1]!.querySelector<HTMLElement>('[data-testid="route-up"]')!.click()
  await settle()
}

afterEach(() => mounted?.app.unmount())

test('rules are told in words, in their order, and a group that is gone is told', async () => {
  const { maybe } = await shown({})
  expect(rows()[0]?.textContent).toContain('转人工原因：投诉')
  expect(rows()[0]?.textContent).toContain('售后组')
  expect(rows()[0]?.textContent).toContain('紧急')
  expect(rows()[1]?.textContent).toContain('客户语言：英语')
  expect(rows()[1]?.textContent).toContain('分组已删除')
  expect(maybe('routes-save'), 'nothing was changed').toBeNull()
})

test('a new order is saved as a whole, on top of the revision that was read', async () => {
  const { find, maybe } = await shown({ putRouteRules: () => Promise.resolve({ revision: 5 }) })
  await swap()
  expect(find('routes-unsaved')).toBeTruthy()
  find('routes-save').click()
  await settle()
  expect(saved()).toEqual([[[two[1], two[0]], 4]])
  expect(maybe('routes-unsaved')).toBeNull()
})

test('rules that somebody changed meanwhile are shown, mine are kept, and nothing is overwritten unseen', async () => {
  let reads = 0
  const theirs = [rule({ topic: '发票' })]
  const { find, maybe } = await shown({
    routeRules: () => Promise.resolve((reads += 1) === 1 ? { items: two, revision: 4 } : { items: theirs, revision: 5 }),
    putRouteRules: (_, revision) => (revision === 5 ? Promise.resolve({ revision: 6 }) : Promise.reject(problemFrom(409, { code: 'routes_changed' }, null))),
  })
  await swap()
  find('routes-save').click()
  await settle()
  expect(find('routes-conflict').textContent).toContain('话题：发票')
  expect(rows().length, 'mine are still there').toBe(2)
  expect(find('routes-save').hasAttribute('disabled'), 'first one chooses').toBe(true)
  find('routes-mine').click()
  await settle()
  find('routes-save').click()
  await settle()
  expect(saved().map((args) => args[1])).toEqual([4, 5])
  expect(maybe('routes-conflict')).toBeNull()
})

test('a refusal is told in words, and the rules are kept', async () => {
  const { find } = await shown({ putRouteRules: () => Promise.reject(problemFrom(422, { code: 'route_invalid' }, null)) })
  await swap()
  find('routes-save').click()
  await settle()
  expect(find('routes-refusal').textContent).toContain('规则不正确')
  expect(find('routes-unsaved')).toBeTruthy()
})
