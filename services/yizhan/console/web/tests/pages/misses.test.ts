import { afterEach, describe, expect, test } from 'vitest'
import { nextTick, type Component } from 'vue'
import type { Endpoints } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import { missReasons, missStates, type FullEntry, type MissDetails, type MissGroup, type Role } from '@/api/types'
import { i18n } from '@/i18n'
import { en } from '@/i18n/en'
import { zhCN } from '@/i18n/zh-CN'
import EntriesTab from '@/pages/knowledge/entries/EntriesTab.vue'
import EntryEditor from '@/pages/knowledge/entries/EntryEditor.vue'
import MissList from '@/pages/knowledge/misses/MissList.vue'
import MissView from '@/pages/knowledge/misses/MissView.vue'
import MissesTab from '@/pages/knowledge/misses/MissesTab.vue'
import { privateKinds } from '@/pages/knowledge/misses/masks'
import { commonest } from '@/pages/knowledge/misses/reasons'
import { useSession } from '@/stores/session'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../mount'

const group: MissGroup = {
  id: 'g1', question: '可以开专票吗', state: 'open', count: 14, customers: 9, customers_7_days: 4, customers_30_days: 8, last_7_days: 6, last_30_days: 12, rank: 25,
  languages: ['zh'], reasons: { rephrased: 2, no_answer: 12 }, first_at: '2026-11-01T02:00:00Z', last_at: '2026-11-22T04:00:00Z',
  nearest: null, answered_now: false, answered_by: [], drafted: null, dismissed: null,
}
const proposal: FullEntry = { id: '', question: '可以开专票吗', paraphrases: ['专票能开吗'], answer: '', category: '', variants: {}, valid_from: null, valid_until: null, attachments: [] }
const wording = (text: string, masked = false) => ({ text, count: 3, last_at: '2026-11-22T04:00:00Z', conversation_id: 'c1', language: 'zh', masked })
const details: MissDetails = {
  group,
  wordings: [wording('可以开专票吗'), wording('专票能开吗'), wording('我的电话[PHONE_1]，能开专票吗', true)],
  replies: [{ text: '可以，请在订单页申请。', conversation_id: 'c1', agent_name: '小雅', at: '2026-11-22T05:00:00Z' }],
  proposal,
  near: [{ entry_id: 'invoice', question: '如何开发票', score: 0.41 }],
}
const draftRow = { entry: { ...proposal, id: 'q12', answer: '可以。' }, revision: 7, changed_at: '2026-11-22T06:00:00Z', changed_by: '小林' }
const drafted: MissGroup = { ...group, state: 'drafted', drafted: { entry_id: 'invoice', at: '2026-11-22T06:00:00Z', by: '小梅', published: false, still_missed: false } }

let mounted: Mounted | undefined
let gateway: FakeGateway

function shown(component: Component, props: Record<string, unknown>, answers: Partial<Endpoints>, roles: Role[] = ['editor']): Mounted {
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  gateway = fakeGateway(answers)
  useSession(pinia).enter({ user: { id: 'u', username: 'u', name: '小林', roles }, csrf: '' })
  mounted = mount(component, props, pinia)
  return mounted
}

async function click(testid: string): Promise<void> {
  mounted!.find(testid).click()
  await settle()
}

function fill(testid: string, text: string): void {
  const element = mounted!.find(testid)
  const field = (element.matches('input, textarea') ? element : element.querySelector('input, textarea')) as HTMLInputElement
  field.value = text
  field.dispatchEvent(new Event('input'))
}

const path = () => (mounted!.app.config.globalProperties['$router'] as { currentRoute: { value: { fullPath: string } } }).currentRoute.value.fullPath

afterEach(() => mounted?.app.unmount())

describe('the list of questions that were not answered well', () => {
  const one = (items: MissGroup[], next: string | null = null, behind = 0) => ({ items, next, behind })

  test('each tells what is asked, how often, since when and why', async () => {
    const { find } = shown(MissList, { chosen: '' }, { missGroups: () => Promise.resolve(one([group])) })
    await settle()
    const text = find('miss-group').textContent
    for (const words of ['可以开专票吗', '14', '没有答案', '换了说法再问', '起，最近']) expect(text).toContain(words)
    expect(text.indexOf('没有答案'), 'the commonest reason first').toBeLessThan(text.indexOf('换了说法再问'))
  })

  test('is filtered by what became of them, and pages follow the filter', async () => {
    const { root } = shown(MissList, { chosen: '' }, {
      missGroups: (query) => Promise.resolve(query.state === 'dismissed' ? one(query.cursor ? [{ ...group, id: 'g3', state: 'dismissed' }] : [{ ...group, id: 'g2', state: 'dismissed', dismissed: { reason: '不是我们的业务', by: '小梅', at: null } }], query.cursor ? null : '1') : one([group])),
    })
    await settle()
    await click('misses-dismissed')
    expect(root.textContent).toContain('不是我们的业务')
    await click('misses-more')
    expect([...root.querySelectorAll<HTMLElement>('[data-group]')].map((row) => row.dataset['group'])).toEqual(['g2', 'g3'])
    expect(gateway.calls.at(-1)?.args).toEqual([{ state: 'dismissed', cursor: '1' }])
  })

  test('up and down go through it with the keyboard', async () => {
    const { root } = shown(MissList, { chosen: '' }, { missGroups: () => Promise.resolve(one([group, { ...group, id: 'g2' }])) })
    await settle()
    const rows = [...root.querySelectorAll<HTMLElement>('[data-group]')]
    rows[0]!.focus()
    rows[0]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }))
    expect(document.activeElement).toBe(rows[1])
    rows[1]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true }))
    expect(document.activeElement).toBe(rows[0])
  })

  test.each(missStates)('%s: nothing there is said in words', async (state) => {
    const { root } = shown(MissList, { chosen: '' }, { missGroups: () => Promise.resolve(one([])) })
    await settle()
    await click(`misses-${state}`)
    expect(root.textContent).toContain(zhCN.knowledge.misses.none[state])
  })

  test('while it loads, and when it cannot be read, one knows', async () => {
    let fail = true
    const { root } = shown(MissList, { chosen: '' }, { missGroups: () => (fail ? Promise.reject(new Problem('offline')) : Promise.resolve(one([group], null, 300))) })
    await nextTick()
    expect(root.querySelector('[role=status]')?.textContent).toContain('加载')
    await settle()
    expect(root.textContent).toContain('没有加载成功')
    fail = false
    root.querySelector<HTMLElement>('.load-failed button, [role=alert] button, .empty button')?.click()
    await settle()
    expect(root.textContent).toContain('可以开专票吗')
    expect(root.textContent, 'what is not grouped yet').toContain('300')
  })
})

describe('a group of questions', () => {
  const view = (answers: Partial<Endpoints>, given: MissDetails = details, roles?: Role[], onMoved: (moved: MissGroup) => void = () => undefined) =>
    shown(MissView, { details: given, onMoved }, answers, roles)

  test('shows its sentences, its reasons, the agents replies and the nearest entries', () => {
    const { root } = view({})
    expect(root.textContent).not.toContain('PHONE_1')
    for (const words of ['专票能开吗', '我的电话【电话】', '含个人信息', '机器人没有可靠的答案', '可以，请在订单页申请。', '如何开发票', '41%']) expect(root.textContent).toContain(words)
  })

  test('its chosen sentences become phrasings of an entry; one with personal data cannot be chosen', async () => {
    const moved: MissGroup[] = []
    const { root } = view({ draftMiss: () => Promise.resolve({ draft: draftRow, group: drafted }) }, details, undefined, (one) => moved.push(one))
    const boxes = [...root.querySelectorAll<HTMLInputElement>('[type=checkbox]')]
    expect(boxes.map((box) => [box.checked, box.disabled])).toEqual([[true, false], [true, false], [false, true]])
    boxes[0]!.click()
    await settle()
    await click('miss-add-near')
    expect(gateway.calls.at(-1)).toEqual({ name: 'draftMiss', args: ['g1', { entry_id: 'invoice', paraphrases: ['专票能开吗'] }] })
    expect(moved).toEqual([drafted])
  })

  test('any entry of the draft can be searched for', async () => {
    const { root } = view({
      draftEntries: (query) => Promise.resolve({ items: [{ ...draftRow, entry: { ...draftRow.entry, id: 'tax', question: `关于${query.search ?? ''}` } }], next: null, total: 1, categories: [], revision: 1 }),
      draftMiss: () => Promise.resolve({ draft: draftRow, group: drafted }),
    })
    await click('miss-add')
    fill('picker-search', '税')
    await new Promise((done) => setTimeout(done, 300))
    await settle()
    expect(root.textContent).toContain('关于税')
    await click('picker-entry')
    expect(gateway.calls.at(-1)?.args[1]).toMatchObject({ entry_id: 'tax' })
  })

  test('what was refused is told, and nothing is lost', async () => {
    const { find, maybe } = view({ draftMiss: () => Promise.reject(new Problem('missing', { status: 404, code: 'not_in_draft' })) })
    await click('miss-add-near')
    expect(find('miss-refusal').textContent).toContain('草稿里没有这个条目')
    expect(maybe('miss-add-near')).not.toBeNull()
  })

  test('it is set aside only with a reason, and put back', async () => {
    const moved: MissGroup[] = []
    const dismissed: MissGroup = { ...group, state: 'dismissed', dismissed: { reason: '不是我们的业务', by: '小林', at: null } }
    const { find } = view({ dismissMiss: () => Promise.resolve({ group: dismissed }) }, details, undefined, (one) => moved.push(one))
    await click('miss-dismiss')
    expect(find<HTMLButtonElement>('dismiss-confirm').disabled).toBe(true)
    await click('dismiss-outside')
    expect(find<HTMLButtonElement>('dismiss-confirm').disabled).toBe(false)
    document.querySelector<HTMLFormElement>('#dismiss-miss')!.dispatchEvent(new Event('submit'))
    await settle()
    expect(gateway.calls.at(-1)).toEqual({ name: 'dismissMiss', args: ['g1', '不是我们的业务'] })
    expect(moved.at(-1)?.state).toBe('dismissed')
    mounted?.app.unmount()
    const back = view({ reopenMiss: () => Promise.resolve({ group }) }, { ...details, group: dismissed }, undefined, (one) => moved.push(one))
    expect(back.find('miss-standing').textContent).toContain('不是我们的业务')
    expect(back.root.querySelector('[type=checkbox]'), 'nothing can be ticked that cannot be used').toBeNull()
    expect(back.root.textContent).toContain('专票能开吗')
    expect(back.root.textContent).not.toContain('勾选的会成为相似问法')
    await click('miss-reopen')
    expect(moved.at(-1)?.state).toBe('open')
  })

  test('a supervisor reads and cannot change', () => {
    const { maybe, root } = view({}, details, ['supervisor'])
    for (const testid of ['miss-write', 'miss-add', 'miss-dismiss', 'miss-add-near']) expect(maybe(testid), testid).toBeNull()
    expect(root.querySelector('[type=checkbox]')).toBeNull()
    expect(root.textContent).toContain('专票能开吗')
  })

  test.each([
    [{ ...drafted.drafted!, published: false, still_missed: false }, '构建并发布后客户才会得到答案'],
    [{ ...drafted.drafted!, published: true, still_missed: false }, '现在能答上来了'],
    [{ ...drafted.drafted!, published: true, still_missed: true }, '还是没有答好'],
  ])('of one in the draft it is told how it stands', (standing, words) => {
    const { find } = view({}, { ...details, group: { ...drafted, drafted: standing } })
    expect(find('miss-standing').textContent).toContain(words)
  })

  test('without words it can still be read and set aside', () => {
    const { root, find } = view({}, { ...details, group: { ...group, question: '' }, wordings: [], near: [] })
    expect(root.textContent).toContain('原话已删除')
    expect(find<HTMLButtonElement>('miss-add').disabled).toBe(true)
  })
})

describe('from a group to an entry', () => {
  test('the editor opens with the question and its phrasings, and saving tells the group', async () => {
    const { find } = shown(EntryEditor, { row: null, variables: [], categories: [], miss: details }, { draftMiss: () => Promise.resolve({ draft: draftRow, group: drafted }) })
    expect(find('entry-miss').textContent).toContain('14')
    expect((find('entry-question').matches('input') ? find<HTMLInputElement>('entry-question') : find('entry-question').querySelector('input')!).value).toBe('可以开专票吗')
    fill('entry-answer', '可以。')
    await settle()
    mounted!.root.querySelector('form')!.dispatchEvent(new Event('submit'))
    await settle()
    expect(gateway.calls.map((call) => call.name)).toEqual(['draftMiss'])
    expect(gateway.calls[0]?.args).toMatchObject(['g1', { entry: { question: '可以开专票吗', paraphrases: ['专票能开吗'], answer: '可以。' } }])
  })

  test('its address is a new entry that names the group', async () => {
    shown(MissView, { details }, {})
    await click('miss-write')
    expect(path()).toBe('/knowledge/entries/+?miss=g1')
  })

  test('an agent\'s answer is filled in, and said to be one', () => {
    const { find } = shown(EntryEditor, { row: null, variables: [], categories: [], miss: { ...details, proposal: { ...proposal, answer: '可以，请在订单页申请。' } } }, {})
    expect(find<HTMLTextAreaElement>('entry-answer').value).toBe('可以，请在订单页申请。')
    expect(find('entry-miss').textContent).toContain('请核对')
  })

  test('a group that is gone is said to be gone', async () => {
    const lists = { draftEntries: () => Promise.resolve({ items: [], next: null, total: 0, categories: [], revision: 1 }), document: () => Promise.reject(new Problem('missing')) }
    const { root, app } = shown(EntriesTab, { item: '+' }, { ...lists, missGroup: () => Promise.reject(new Problem('missing', { status: 404 })) })
    await (app.config.globalProperties['$router'] as { push(to: string): Promise<unknown> }).push('/knowledge/entries/+?miss=gone')
    await settle()
    expect(root.textContent).toContain('没有这组问题')
  })

  test('a group that moved to another list leaves this one', async () => {
    const { root, find } = shown(MissesTab, { item: 'g1' }, {
      missGroups: () => Promise.resolve({ items: [group, { ...group, id: 'g2' }], next: null, behind: 0 }),
      missGroup: () => Promise.resolve(details),
      draftMiss: () => Promise.resolve({ draft: draftRow, group: drafted }),
      suggestionUses: () => Promise.resolve({ items: [], total: { as_is: 0, edited: 0, ignored: 0, found_as_is: 0, found_edited: 0 } }),
    })
    await settle()
    await click('miss-add-near')
    expect([...root.querySelectorAll<HTMLElement>('[data-group]')].map((row) => row.dataset['group'])).toEqual(['g2'])
    expect(find('miss-view').dataset['state']).toBe('drafted')
  })

  test('what was open does not stay beside another list', async () => {
    const { app } = shown(MissesTab, { item: 'g1' }, {
      missGroups: () => Promise.resolve({ items: [group], next: null, behind: 0 }),
      missGroup: () => Promise.resolve(details),
      suggestionUses: () => Promise.resolve({ items: [], total: { as_is: 0, edited: 0, ignored: 0, found_as_is: 0, found_edited: 0 } }),
    })
    await (app.config.globalProperties['$router'] as { push(to: string): Promise<unknown> }).push('/knowledge/misses/g1')
    await settle()
    await click('misses-open')
    expect(path(), 'the list that is shown already').toBe('/knowledge/misses/g1')
    await click('misses-dismissed')
    await settle()
    expect(path()).toBe('/knowledge/misses')
  })
})

describe('words', () => {
  test('the commonest reasons come first', () => {
    expect(commonest({ rephrased: 2, no_answer: 12, bad_rating: 2 }, 2)).toEqual(['no_answer', 'bad_rating'])
  })

  test.each([['zh-CN', zhCN], ['en', en]])('%s has words for every reason and state', (_, words) => {
    expect(Object.keys(words.knowledge.misses.reason)).toEqual([...missReasons])
    expect(Object.keys(words.knowledge.misses.reasonHint)).toEqual([...missReasons])
    expect(Object.keys(words.knowledge.misses.private)).toEqual([...privateKinds])
    for (const group of [words.knowledge.misses.state, words.knowledge.misses.none, words.knowledge.misses.noneHint]) expect(Object.keys(group)).toEqual([...missStates])
  })
})
