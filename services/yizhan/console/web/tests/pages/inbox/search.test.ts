/** The knowledge by free words, beside the reply box. */

import { beforeEach, expect, test } from 'vitest'
import type { Pinia } from 'pinia'
import { Problem } from '@/api/problem'
import type { Suggested } from '@/api/types'
import KnowledgeSearch from '@/pages/inbox/answers/KnowledgeSearch.vue'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

const PAUSE = 1_000
const entry: Suggested = { entry_id: 'fee', question: '运费多少', text: '满99包邮', score: 0, category: '物流', attachments: [] }

let pinia: Pinia
let gateway: FakeGateway
let page: Mounted
let waiting: { words: string; signal: AbortSignal; give: (items: Suggested[]) => void }[]
let broken: Problem | null
let taken: Suggested[]

beforeEach(async () => {
  pinia = freshPinia()
  waiting = []
  broken = null
  taken = []
  gateway = fakeGateway({
    searchKnowledge: ((query: { words: string; channel: string }, signal: AbortSignal) => {
      if (broken) throw broken
      return new Promise((resolve) => waiting.push({ words: query.words, signal, give: (items) => resolve({ items, release_id: 'r' }) }))
    }) as never,
  })
  page = mount(KnowledgeSearch, { channel: 'wechat', onInsert: (one: Suggested) => taken.push(one) }, pinia)
  await settle()
})

async function type(words: string, pauseMs = PAUSE): Promise<void> {
  const field = page.find<HTMLInputElement>('find-input')
  field.value = words
  field.dispatchEvent(new Event('input'))
  await settle()
  gateway.timers.pass(pauseMs)
  await settle()
}

test('asks once one pauses, not for every key', async () => {
  await type('运', 10)
  await type('运费', 10)
  await type('运费多')
  expect(waiting.map((one) => one.words)).toEqual(['运费多'])
  expect(gateway.calls[0]?.args[0]).toEqual({ words: '运费多', channel: 'wechat' })
})

test('newer words cancel older ones, and a late answer changes nothing', async () => {
  await type('运费')
  await type('退货')
  expect(waiting[0]?.signal.aborted).toBe(true)
  waiting[1]?.give([entry])
  await settle()
  waiting[0]?.give([])
  await settle()
  expect(page.find('answer').dataset['entry']).toBe('fee')
})

test('an entry is put into the reply box', async () => {
  await type('运费')
  waiting[0]?.give([entry])
  await settle()
  page.find('answer-insert').click()
  expect(taken).toEqual([entry])
})

test('what only holds the words is not given a share', async () => {
  await type('运费')
  waiting[0]?.give([entry])
  await settle()
  expect(page.maybe('answer-score')).toBeNull()
})

test('nothing found is said, and emptying the field clears it', async () => {
  await type('没有的东西')
  waiting[0]?.give([])
  await settle()
  expect(page.find('find-none').textContent).toContain('没有的东西')
  await type('')
  expect(page.maybe('find-none')).toBeNull()
  expect(waiting).toHaveLength(1)
})

test('a failure is shown and tried again', async () => {
  broken = new Problem('timeout')
  await type('运费')
  expect(page.find('find-failed').textContent).toContain('没有搜索成功')
  broken = null
  page.find('find-failed').querySelector('button')?.click()
  await settle()
  waiting[0]?.give([entry])
  await settle()
  expect(page.maybe('find-failed')).toBeNull()
  expect(page.find('answer').dataset['entry']).toBe('fee')
})

test('Enter asks at once; a word that is still being composed asks nothing', async () => {
  const field = page.find<HTMLInputElement>('find-input')
  field.dispatchEvent(new CompositionEvent('compositionstart'))
  await type('yun')
  expect(waiting).toHaveLength(0)
  field.dispatchEvent(new CompositionEvent('compositionend'))
  await type('运费', 0)
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }))
  await settle()
  expect(waiting.map((one) => one.words)).toEqual(['运费'])
})
