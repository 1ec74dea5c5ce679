/** Publishing a contract: nothing is overwritten unseen, and what is wrong is shown where it is wrong. */

import { afterEach, expect, test } from 'vitest'
import type { Board } from '@/api/board'
import type { Endpoints } from '@/api/endpoints'
import type { ContractInForce } from '@/api/hours'
import { problemFrom } from '@/api/problem'
import { question } from '@/composables/confirm'
import { i18n } from '@/i18n'
import ContractTab from '@/pages/hours/ContractTab.vue'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

const inForce = (part: Partial<ContractInForce> = {}): ContractInForce => ({
  version: 'v1',
  text: 'contract: office\n',
  standard: false,
  published_at: '2026-11-20T02:00:00Z',
  published_by: '王主管',
  title: 'office',
  zone: 'Asia/Shanghai',
  calendars: [],
  unconfirmed: [],
  ...part,
})
const board = { queue: { waiting: 2, offered: 1 } } as Board

let mounted: Mounted | undefined
let gateway: FakeGateway

function shown(answers: Partial<Endpoints>): Mounted {
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  gateway = fakeGateway({ board: () => Promise.resolve(board), ...answers })
  mounted = mount(ContractTab, { contract: inForce() }, pinia)
  return mounted
}

async function publish(text: string, sure = true): Promise<void> {
  const area = mounted!.find<HTMLTextAreaElement>('document-text')
  area.value = text
  area.dispatchEvent(new Event('input'))
  await settle()
  mounted!.find<HTMLFormElement>('contract-editor').dispatchEvent(new Event('submit', { cancelable: true }))
  await settle()
  question.value?.answer(sure)
  await settle()
}

const published = () => gateway.calls.filter((call) => call.name === 'publishContract').map((call) => call.args)

afterEach(() => mounted?.app.unmount())

test('before it is published the person is told what running promises keep', async () => {
  const { find } = shown({ publishContract: () => Promise.resolve({ version: 'v2' }) })
  expect(find('contract-facts').textContent).toContain('v1')
  expect(find('contract-publish').hasAttribute('disabled'), 'nothing was changed').toBe(true)
  const area = find<HTMLTextAreaElement>('document-text')
  area.value = 'contract: shop\n'
  area.dispatchEvent(new Event('input'))
  await settle()
  find<HTMLFormElement>('contract-editor').dispatchEvent(new Event('submit', { cancelable: true }))
  await settle()
  expect(question.value?.text).toContain('3 个等待人工的承诺')
  question.value?.answer(false)
  await settle()
  expect(published(), 'who is not sure publishes nothing').toEqual([])
})

test('what was published is what was written, on top of the version that was read', async () => {
  const { maybe } = shown({ publishContract: () => Promise.resolve({ version: 'v2' }) })
  await publish('contract: shop\n')
  expect(published()).toEqual([['contract: shop\n', 'v1']])
  expect(maybe('contract-unsaved')).toBeNull()
})

test('problems are shown at their lines in the language of the person, and the text stays', async () => {
  const problems = [
    { line: 2, place: 'handoff.window', reason_zh: '时长写法不对', reason_en: 'no length of time' },
    { line: 0, place: '', reason_zh: '缺少日历', reason_en: 'a calendar is missing' },
  ]
  const { find, root } = shown({
    publishContract: () => Promise.reject(problemFrom(422, { code: 'contract_invalid', problems, count: 3 }, null)),
  })
  await publish('contract: shop\nhandoff: {window: x}\n')
  const told = find('line-problems').textContent
  expect(told).toContain('第 2 行')
  expect(told).toContain('handoff.window: 时长写法不对')
  expect(told).toContain('缺少日历')
  expect(told, 'one is not told').toContain('还有 1 处')
  expect(root.querySelector('.gutter .wrong')?.textContent).toBe('2')
  i18n.global.locale.value = 'en'
  await settle()
  expect(find('line-problems').textContent).toContain('no length of time')
  expect(find<HTMLTextAreaElement>('document-text').value).toContain('window: x')
})

test('a contract that somebody else published meanwhile is shown beside mine, and mine is kept', async () => {
  let fails = true
  const { find, maybe } = shown({
    publishContract: () => (fails ? Promise.reject(problemFrom(409, { code: 'contract_changed' }, null)) : Promise.resolve({ version: 'v3' })),
    contract: () => Promise.resolve({ contract: inForce({ version: 'v2', text: 'contract: theirs\n', published_by: '李主管' }) }),
  })
  await publish('contract: mine\n')
  expect(find('contract-conflict').textContent).toContain('李主管')
  expect(find('contract-conflict').textContent).toContain('contract: theirs')
  expect(find('contract-publish').hasAttribute('disabled'), 'first one chooses').toBe(true)
  find('contract-mine').click()
  await settle()
  expect(maybe('contract-conflict')).toBeNull()
  fails = false
  await publish('contract: mine\n')
  expect(published().at(-1)).toEqual(['contract: mine\n', 'v2'])
})

test('when nobody can be reached, the reason is told and the text is still there', async () => {
  const { find } = shown({ publishContract: () => Promise.reject(problemFrom(503, {}, null)) })
  await publish('contract: mine\n')
  expect(find('contract-refusal').textContent).toContain('服务器出错')
  expect(find('contract-unsaved')).toBeTruthy()
})
