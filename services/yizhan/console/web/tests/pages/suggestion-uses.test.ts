/** What agents made of suggested answers, on the page of who writes them. */

import { afterEach, describe, expect, test } from 'vitest'
import type { Endpoints } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import type { EntryUses, SuggestionUses as Uses } from '@/api/types'
import { i18n } from '@/i18n'
import SuggestionUses from '@/pages/knowledge/misses/SuggestionUses.vue'
import { mostEdited } from '@/pages/knowledge/misses/uses'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../mount'

const nothing = { as_is: 0, edited: 0, ignored: 0, found_as_is: 0, found_edited: 0 }
const uses = (entry_id: string, counts: Partial<EntryUses>): EntryUses => ({ ...nothing, entry_id, question: `问 ${entry_id}`, ...counts })
const items = [
  uses('ship', { as_is: 30, edited: 1, ignored: 9 }),
  uses('fee', { found_as_is: 4, found_edited: 3 }),
  uses('back', { as_is: 2, edited: 8, ignored: 10 }),
  uses('old', { question: '', ignored: 4 }),
]
const counted: Uses = { items, total: { as_is: 32, edited: 9, ignored: 23, found_as_is: 4, found_edited: 3 } }

let mounted: Mounted | undefined
let gateway: FakeGateway

async function shown(suggestionUses: Endpoints['suggestionUses']): Promise<Mounted> {
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  gateway = fakeGateway({ suggestionUses })
  mounted = mount(SuggestionUses, {}, pinia)
  await settle()
  return mounted
}

const rows = () => [...document.querySelectorAll<HTMLElement>('[data-testid="uses-entry"]')]
const figure = (outcome: string) => mounted!.root.querySelector<HTMLElement>(`[data-outcome="${outcome}"] dd`)?.textContent

afterEach(() => mounted?.app.unmount())

test('of what was offered, it is told what was sent as it was, what was edited and what was not used', async () => {
  const { find } = await shown(() => Promise.resolve(counted))
  expect(find('uses-total').textContent).toContain('给出64')
  expect(['as_is', 'edited', 'ignored', 'found'].map(figure)).toEqual(['3250%', '914.1%', '2335.9%', '7'])
  expect(gateway.calls).toEqual([{ name: 'suggestionUses', args: [30] }])
})

test('entry by entry, those that agents edit most come first, and each can be opened', async () => {
  const { find, maybe } = await shown(() => Promise.resolve(counted))
  expect(maybe('uses-entry')).toBeNull()
  find('uses-unfold').click()
  await settle()
  expect(rows().map((row) => row.dataset['entry'])).toEqual(['back', 'fee', 'ship', 'old'])
  expect(rows()[0]?.querySelector('a')?.getAttribute('href')).toBe('/knowledge/entries/back')
  expect([...rows()[1]!.querySelectorAll('td')].map((cell) => cell.textContent?.trim())).toEqual(['问 fee', '0', '0', '0', '7改过 3'])
  expect(rows()[3]?.textContent, 'one that is not published is known by its id').toContain('old 线上没有')
})

test('another period is asked for, and a late answer for the one before changes nothing', async () => {
  const held = new Map<number, (found: Uses) => void>()
  const { root } = await shown((days) => new Promise((resolve) => held.set(days, resolve)))
  expect(root.textContent).toContain('加载')
  ;[...root.querySelectorAll<HTMLElement>('.el-segmented__item')].find((one) => one.textContent?.includes('90'))!.click()
  await settle()
  held.get(90)!(counted)
  await settle()
  held.get(30)!({ items: [], total: nothing })
  await settle()
  expect(figure('as_is')).toContain('32')
})

test('where no agent has seen any, that is said instead of zeros', async () => {
  const { find, maybe } = await shown(() => Promise.resolve({ items: [], total: nothing }))
  expect(find('uses-none').textContent).toContain('还没有客服')
  expect(maybe('uses-unfold')).toBeNull()
})

test('what agents only searched for is shown although nothing was suggested', async () => {
  const { maybe } = await shown(() => Promise.resolve({ items: [items[1]!], total: { ...nothing, found_as_is: 4, found_edited: 3 } }))
  expect(maybe('uses-none')).toBeNull()
  expect(['as_is', 'found'].map(figure)).toEqual(['0', '7'])
})

test('when it cannot be read, that is said and can be tried again', async () => {
  let fail = true
  const { root } = await shown(() => (fail ? Promise.reject(new Problem('offline')) : Promise.resolve(counted)))
  expect(root.querySelector('[role=alert]')?.textContent).toContain('连不上')
  fail = false
  root.querySelector<HTMLElement>('[role=alert] button')!.click()
  await settle()
  expect(figure('as_is')).toContain('32')
})

describe('the order in which entries want mending', () => {
  test.each([
    ['edited beats unused', [uses('a', { ignored: 50 }), uses('b', { edited: 1 })], ['b', 'a']],
    ['an edit counts wherever the entry came from', [uses('a', { edited: 2 }), uses('b', { edited: 1, found_edited: 2 })], ['b', 'a']],
    ['then what agents have to search for', [uses('a', { ignored: 9 }), uses('b', { found_as_is: 1 })], ['b', 'a']],
  ])('%s', (_, given, order) => {
    expect(mostEdited(given).map((one) => one.entry_id)).toEqual(order)
  })
})
