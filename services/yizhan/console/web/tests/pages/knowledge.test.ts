import { afterEach, describe, expect, test } from 'vitest'
import { Problem } from '@/api/problem'
import type { Build, BuiltRelease, Comparison, DraftEntry, FullEntry, Report } from '@/api/types'
import { question } from '@/composables/confirm'
import { i18n } from '@/i18n'
import EntryEditor from '@/pages/knowledge/entries/EntryEditor.vue'
import EntryList from '@/pages/knowledge/entries/EntryList.vue'
import ImportPanel from '@/pages/knowledge/import/ImportPanel.vue'
import DocumentEditor from '@/pages/knowledge/documents/DocumentEditor.vue'
import BuildPanel from '@/pages/knowledge/releases/BuildPanel.vue'
import ReleaseView from '@/pages/knowledge/releases/ReleaseView.vue'
import ReleasesTab from '@/pages/knowledge/releases/ReleasesTab.vue'
import { useSession } from '@/stores/session'
import type { Endpoints } from '@/api/endpoints'
import type { Role } from '@/api/types'
import type { Component } from 'vue'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../mount'

const entry: FullEntry = { id: 'cup', question: '茶杯是哪里烧的', paraphrases: ['茶杯产地'], answer: '在景德镇。', category: '', variants: {}, valid_from: null, valid_until: null, attachments: [] }
const row = (change: Partial<FullEntry> = {}, revision = 3, by = '小陈'): DraftEntry => ({ entry: { ...entry, ...change }, revision, changed_at: '2026-11-22T06:00:00Z', changed_by: by })

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

function fill(testid: string, text: string): void {
  const element = mounted!.find(testid)
  const field = (element.matches('input, textarea') ? element : element.querySelector('input, textarea')) as HTMLInputElement
  field.value = text
  field.dispatchEvent(new Event('input'))
}

async function click(testid: string): Promise<void> {
  mounted!.find(testid).click()
  await settle()
}

async function submit(): Promise<void> {
  mounted!.root.querySelector('form')!.dispatchEvent(new Event('submit'))
  await settle()
}

afterEach(() => mounted?.app.unmount())

const editor = (answers: Partial<Endpoints>, props: Record<string, unknown> = {}, roles?: Role[]) =>
  shown(EntryEditor, { row: row(), variables: ['电话'], categories: [], ...props }, answers, roles)

describe('editing an entry', () => {
  test('what is saved names the revision that was seen', async () => {
    const { maybe } = editor({ putEntry: (sent) => Promise.resolve(row({ answer: sent.answer }, 4)) })
    expect(maybe('entry-unsaved')).toBeNull()
    fill('entry-answer', '在景德镇烧制。')
    await settle()
    expect(maybe('entry-unsaved')).not.toBeNull()
    await submit()
    expect(gateway.calls.map((call) => [call.name, call.args[1]])).toEqual([['putEntry', 3]])
    expect(maybe('entry-unsaved')).toBeNull()
  })

  test('a change of somebody else is shown beside one\'s own, and what is merged is saved on top of theirs', async () => {
    let saved = 0
    const { find, maybe } = editor({
      putEntry: (sent, seen) => {
        saved += 1
        if (seen === 3) return Promise.reject(new Problem('conflict', { status: 409, code: 'stale_revision' }))
        return Promise.resolve(row({ question: sent.question, answer: sent.answer }, 9))
      },
      draftEntry: () => Promise.resolve(row({ question: '茶杯产自哪里', answer: '对方的答案' }, 8, '小周')),
    })
    fill('entry-answer', '我的答案')
    await settle()
    await submit()
    const conflict = find('entry-conflict')
    for (const words of ['小周', '对方的答案', '我的答案', '茶杯产自哪里']) expect(conflict.textContent).toContain(words)
    await submit()
    expect(saved, 'nothing is sent while it is not decided').toBe(1)
    await click('conflict-merge')
    expect(maybe('entry-conflict')).toBeNull()
    await submit()
    const last = gateway.calls.at(-1)
    expect(last?.args).toMatchObject([{ question: '茶杯产自哪里', answer: '我的答案' }, 8])
  })

  test('a deleted entry keeps what was written, and saving adds it again', async () => {
    const { find } = editor({
      putEntry: (_, seen) => (seen === 0 ? Promise.resolve(row({}, 5)) : Promise.reject(new Problem('conflict', { code: 'stale_revision' }))),
      draftEntry: () => Promise.reject(new Problem('missing', { code: 'not_in_draft' })),
    })
    fill('entry-answer', '新的答案')
    await settle()
    await submit()
    expect(find('entry-conflict').textContent).toContain('删除')
    await submit()
    expect(gateway.calls.at(-1)).toMatchObject({ name: 'putEntry', args: [{ answer: '新的答案' }, 0] })
  })

  test('what the gateway finds wrong is listed, and the form keeps its words', async () => {
    const { find } = editor({
      putEntry: () => Promise.reject(new Problem('invalid', { code: 'entry_rejected', problems: [{ row: 1, column: 'answer', reason_zh: '答案太长', reason_en: 'too long' }] })),
    })
    fill('entry-answer', '长长的答案')
    await settle()
    await submit()
    expect(find('entry-problems').textContent).toContain('答案太长')
    expect(find<HTMLTextAreaElement>('entry-answer').value).toBe('长长的答案')
  })

  test('a variable without a value is named before the build refuses it', async () => {
    const { find, maybe } = editor({})
    fill('entry-answer', '请拨打 {{电话}}')
    await settle()
    expect(maybe('entry-unknown-variables')).toBeNull()
    fill('entry-answer', '请到 {{地址}}')
    await settle()
    expect(find('entry-unknown-variables').textContent).toContain('地址')
  })

  test('nobody leaves unsaved words without being asked', async () => {
    const { app } = editor({})
    const router = app.config.globalProperties['$router'] as { push(to: string): Promise<unknown>; currentRoute: { value: { path: string } } }
    await router.push('/')
    fill('entry-answer', '还没保存')
    await settle()
    const leaving = router.push('/knowledge/releases')
    await settle()
    expect(question.value?.title).toContain('放弃')
    question.value?.answer(false)
    await leaving
    expect(router.currentRoute.value.path).toBe('/')
  })

  test('a supervisor reads and cannot change', () => {
    const { maybe, find } = editor({}, {}, ['supervisor'])
    expect(maybe('entry-save')).toBeNull()
    expect(maybe('entry-remove')).toBeNull()
    expect(find<HTMLTextAreaElement>('entry-answer').disabled).toBe(true)
  })
})

describe('the list', () => {
  const page = (items: DraftEntry[], next: string | null) => ({ items, next, total: 120, categories: ['商品'], revision: 3 })

  test('a filter by validity is asked of the gateway, and pages are turned within it', async () => {
    const old = row({ id: 'old', question: '双十一什么时候', valid_until: '2020-01-01' })
    const { root, find } = shown(EntryList, { chosen: '' }, {
      draftEntries: (query) => Promise.resolve(query.validity === 'expired' ? { ...page(query.cursor ? [row({ id: 'older', valid_until: '2019-01-01' })] : [old], query.cursor ? null : '50'), total: 2 } : page([row()], '50')),
    })
    await settle()
    expect(find('entry-count').textContent).toContain('120')
    root.querySelectorAll<HTMLElement>('.half .el-select__wrapper')[1]!.click()
    await settle()
    const options = [...document.querySelectorAll<HTMLElement>('.el-select-dropdown__item')]
    expect(options.map((one) => one.textContent?.trim())).toEqual(expect.arrayContaining(['今天有效', '30 天内到期', '尚未生效', '已过期']))
    options.find((one) => one.textContent?.includes('已过期'))!.click()
    await settle()
    const listed = () => [...root.querySelectorAll<HTMLElement>('[data-testid="knowledge-entry"]')].map((one) => one.dataset['entry'])
    expect(listed()).toEqual(['old'])
    expect(find('entry-count').textContent).toContain('2')
    await click('entries-more')
    expect(listed()).toEqual(['old', 'older'])
    expect(gateway.calls.at(-1)?.args[0]).toMatchObject({ validity: 'expired', cursor: '50' })
  })

  test('says in words that nothing was found, and what to do when it cannot be read', async () => {
    const { root } = shown(EntryList, { chosen: '' }, { draftEntries: () => Promise.reject(new Problem('offline')) })
    await settle()
    expect(root.textContent).toContain('没有加载成功')
    mounted?.app.unmount()
    const empty = shown(EntryList, { chosen: '' }, { draftEntries: () => Promise.resolve({ ...page([], null), total: 0 }) })
    await settle()
    expect(empty.root.textContent).toContain('草稿里还没有条目')
  })
})

describe('importing', () => {
  async function choose(name: string): Promise<void> {
    const input = mounted!.find<HTMLInputElement>('knowledge-import-input')
    Object.defineProperty(input, 'files', { configurable: true, value: [new File(['x'], name)] })
    input.dispatchEvent(new Event('change'))
    await settle()
  }

  test('a file is checked first and taken over when one says so', async () => {
    const { find } = shown(ImportPanel, { entries: 188 }, { importDraft: () => Promise.resolve({ entries: 3, added: 1, changed: 2, removed: 0 }) })
    await choose('faq.md')
    expect(gateway.calls[0]?.args[1]).toEqual({ merge: true, check: true })
    expect(find('import-count').textContent).toContain('3')
    await click('knowledge-import-take')
    expect(gateway.calls[1]?.args[1]).toEqual({ merge: true, check: false })
    expect(find('import-done').textContent).toContain('新增 1 条，更新 2 条')
  })

  test('every problem has its row and column', async () => {
    const problems = [{ row: 7, column: '答案', reason_zh: '答案不能为空', reason_en: '' }, { row: 0, column: '', reason_zh: '缺少一列', reason_en: '' }]
    const { find, maybe } = shown(ImportPanel, { entries: 0 }, { importDraft: () => Promise.reject(new Problem('invalid', { problems })) })
    await choose('faq.csv')
    const rows = [...find('import-problems').querySelectorAll('tbody tr')].map((one) => [...one.querySelectorAll('td')].map((cell) => cell.textContent))
    expect(rows).toEqual([['7', '答案', '答案不能为空'], ['整个文件', '—', '缺少一列']])
    expect(maybe('knowledge-import-take')).toBeNull()
  })

  test('a file of another kind is not sent', async () => {
    const { root } = shown(ImportPanel, { entries: 0 }, {})
    await choose('faq.pdf')
    expect(root.querySelector('[role=alert]')?.textContent).toContain('.md')
    expect(gateway.calls).toEqual([])
  })
})

const release: BuiltRelease = { id: 'r2', number: 2, entries: 5, built_at: '2026-11-22T06:00:00Z', built_by: '小林', note: '', published: false, published_at: null, published_by: '', source_name: '', embedding: { model: null, failed: null } }
const figures = { questions: 2, right: 1, wrong: 1, unanswered: 0, precision: 0.5, coverage: 1 }
const report: Report = {
  entries: 5, phrasings: 15, engine: 'fixed', training: null, figures, more_findings: 0, seconds: 1.2, peak_mib: 90,
  results: [{ text: '还有货吗', expected: 'stock', got: 'cup', outcome: 'wrong', score: 0.9 }, { text: '茶杯产地', expected: 'cup', got: 'cup', outcome: 'right', score: 1 }],
  findings: [{ kind: 'document_invalid', error: true, where: ['guards'], detail: 'line 2, rules[0].action: is missing' }],
  embedding: { model: null, dimension: 0, by_meaning: false, failed: null },
}

describe('a document', () => {
  const document = { name: 'guards', text: 'rules:\n- name: a\n', revision: 2, changed_at: '2026-11-22T05:00:00Z', changed_by: '小陈' }
  const props = { document, title: '护栏规则', hint: '', last: { release, report } }

  test('problems of the last build stand at their lines', () => {
    const { find, root } = shown(DocumentEditor, props, {})
    expect(find('document-problems').textContent).toContain('第 2 行')
    expect([...root.querySelectorAll('.gutter .wrong')].map((one) => one.textContent)).toEqual(['2'])
  })

  test('two people at one text: both are shown, and mine is saved on top of theirs', async () => {
    const { find } = shown(DocumentEditor, props, {
      putDocument: (_, text, seen) => (seen === 7 ? Promise.resolve({ ...document, text, revision: 8 }) : Promise.reject(new Problem('conflict', { code: 'stale_revision' }))),
      document: () => Promise.resolve({ ...document, text: 'rules: theirs', revision: 7, changed_by: '小周' }),
    })
    fill('document-text', 'rules: mine')
    await settle()
    await submit()
    expect(find('document-conflict').textContent).toContain('rules: theirs')
    expect(find('document-conflict').textContent).toContain('rules: mine')
    await click('document-mine')
    await submit()
    expect(gateway.calls.at(-1)?.args).toEqual(['guards', 'rules: mine', 7])
  })
})

describe('saving a document that cannot be read', () => {
  const document = { name: 'variables', text: '电话: 0755', revision: 2, changed_at: '2026-11-22T05:00:00Z', changed_by: '小陈' }
  const lines = [{ line: 3, place: '地址', reason_zh: '应该是一段文本', reason_en: 'must be text' }, { line: 0, place: '', reason_zh: '文档太大', reason_en: 'too large' }]
  const props = { document, title: '变量', hint: '', last: null }
  const refuse = () => Promise.reject(new Problem('invalid', { status: 422, code: 'document_invalid', lines, count: 5 }))

  test('shows the line, the place and the reason, and how much more there is; the words stay', async () => {
    const { find, root } = shown(DocumentEditor, props, { putDocument: refuse })
    fill('document-text', '电话: 0755\n\n地址: [a]\n')
    await settle()
    await submit()
    const told = find('document-refused').textContent
    for (const words of ['5 处', '第 3 行', '地址: 应该是一段文本', '整个文档', '文档太大', '另有 3 处']) expect(told).toContain(words)
    expect([...root.querySelectorAll('.gutter .wrong')].map((one) => one.textContent)).toEqual(['3'])
    expect(find<HTMLTextAreaElement>('document-text').value).toContain('[a]')
    expect(find('document-unsaved')).not.toBeNull()
  })

  test('its line leads to the text, and mending it saves', async () => {
    let broken = true
    const { find, maybe, root } = shown(DocumentEditor, props, { putDocument: (_, text) => (broken ? refuse() : Promise.resolve({ ...document, text, revision: 3 })) })
    fill('document-text', '电话: 0755\n\n地址: [a]\n')
    await settle()
    await submit()
    find('document-refused').querySelector('button')?.click()
    expect(find<HTMLTextAreaElement>('document-text').selectionStart).toBe('电话: 0755\n\n'.length)
    broken = false
    fill('document-text', '电话: 0755\n\n地址: a\n')
    await settle()
    expect([...root.querySelectorAll('.gutter .wrong')], 'a mark from before would point to the wrong line').toEqual([])
    await submit()
    expect(maybe('document-refused')).toBeNull()
    expect(maybe('document-unsaved')).toBeNull()
  })
})

describe('releases', () => {
  test('a build is followed until it is done, through a moment without the gateway', async () => {
    const states: (Partial<Build> | null)[] = [{ state: 'running' }, null, { state: 'done', release_id: 'r2' }]
    const build: Build = { id: 'b', state: 'asked', started_at: '2026-11-22T06:00:00Z', started_by: '', release_id: null, reason: '', detail: '' }
    const done: string[] = []
    const { find } = shown(BuildPanel, { numbers: new Map([['r2', 2]]), onBuilt: (id: string) => done.push(id) }, {
      builds: () => Promise.resolve({ items: [] }),
      startBuild: () => Promise.resolve(build),
      build: () => {
        const next = states.shift()
        return next ? Promise.resolve({ ...build, ...next }) : Promise.reject(new Problem('offline'))
      },
    })
    await settle()
    await submit()
    for (let turn = 0; turn < 3; turn += 1) {
      gateway.timers.pass(1_000)
      await settle()
    }
    expect(find('build-state').dataset['state']).toBe('done')
    expect(done).toEqual(['r2'])
  })

  const view = (comparison: Comparison, answers: Partial<Endpoints> = {}, props: Record<string, unknown> = {}) =>
    shown(ReleaseView, { release, before: false, ...props }, { report: () => Promise.resolve({ release, report }), comparison: () => Promise.resolve(comparison), ...answers })

  test('one that is worse is published with a reason only', async () => {
    const falls = [{ kind: 'question', detail: '还有货吗', before: 0, after: 0 }, { kind: 'precision', detail: '', before: 0.95, after: 0.5 }]
    const { find } = view({ against: 'r1', before: { ...figures, precision: 0.95 }, after: figures, falls }, { publish: () => Promise.resolve({} as never) })
    await settle()
    expect(find('release-comparison').textContent).toContain('95% → 50%')
    await click('release-publish')
    expect(find<HTMLButtonElement>('release-confirm').disabled).toBe(true)
    fill('release-reason', '旧价格是错的')
    await settle()
    document.querySelector('#release-order')!.dispatchEvent(new Event('submit'))
    await settle()
    expect(gateway.calls.find((call) => call.name === 'publish')?.args).toEqual(['r2', '旧价格是错的'])
  })

  test('the wrong questions come first, with what was expected and what came', async () => {
    const { root } = view({ against: 'r1', before: figures, after: figures, falls: [] })
    await settle()
    const rows = [...root.querySelectorAll<HTMLElement>('[data-testid="test-result"]')]
    expect(rows.map((one) => one.dataset['outcome'])).toEqual(['wrong'])
    expect(rows[0]?.textContent).toMatch(/还有货吗.*stock.*cup.*90%/)
  })

  const training = { answer_threshold: 0.85, clarify_threshold: 0.1, margin: 0, precision: 0.88, coverage: 0.4, curve: [{ threshold: 0.85, coverage: 0.4, precision: 0.88 }] }

  test('what was asked back with the right answer first is counted, and it is told why the curve lies under the promise', async () => {
    const results = [...report.results, { text: '有货没', expected: 'stock', got: 'stock', outcome: 'unanswered' as const, score: 0.4 }]
    const { find } = view({ against: null, before: null, after: figures, falls: [] }, { report: () => Promise.resolve({ release, report: { ...report, training, results } }) })
    await settle()
    expect(find('release-first').textContent).toMatch(/66\.7%.*直接答对 1 \+ 反问 1，共 3 题/)
    expect(find('curve-falls-short').textContent).toMatch(/只答对 88%.*85%/)
  })

  test('a curve that keeps the promise needs no excuse', async () => {
    const { maybe, find } = view({ against: null, before: null, after: figures, falls: [] }, { report: () => Promise.resolve({ release, report: { ...report, training: { ...training, precision: 0.96 }, results: [] } }) })
    await settle()
    expect(find('risk-curve')).not.toBeNull()
    expect([maybe('curve-falls-short'), maybe('release-first')]).toEqual([null, null])
  })

  test('one that was published before is gone back to, not published', async () => {
    const { maybe } = view({ against: 'r1', before: null, after: figures, falls: [] }, {}, { before: true })
    await settle()
    expect(maybe('release-rollback')).not.toBeNull()
    expect(maybe('release-publish')).toBeNull()
  })

  test.each([
    ['an endpoint that was away', 'unreachable', ['连不上向量接口', '再构建一版', 'yizhan doctor']],
    ['a key that is not taken', 'key_refused', ['不接受密钥', '可能答不上来']],
    ['a spent budget', 'budget_spent', ['预算已用完', '明天再构建一版']],
    ['nonsense', 'wrong_count', ['没有给出可用的向量', 'wrong_count']],
  ])('a release without vectors because of %s says what that means and what to do', async (_, failed, words) => {
    const lost = { ...report, embedding: { model: null, dimension: 0, by_meaning: false, failed } }
    const { find } = view({ against: null, before: null, after: figures, falls: [] }, { report: () => Promise.resolve({ release, report: lost }) })
    await settle()
    const note = find('release-vectors')
    expect(note.dataset['state']).toBe('failed')
    for (const word of words) expect(note.textContent).toContain(word)
  })

  test.each([
    ['take part', true, 'used', '也能认出来'],
    ['find no more than words do', false, 'unused', '不用它'],
  ])('whose vectors a release has is told where they %s', async (_, by_meaning, state, words) => {
    const made = { ...report, embedding: { model: 'bge-m3', dimension: 1024, by_meaning, failed: null } }
    const { find } = view({ against: null, before: null, after: figures, falls: [] }, { report: () => Promise.resolve({ release, report: made }) })
    await settle()
    const note = find('release-vectors')
    expect(note.dataset['state']).toBe(state)
    for (const word of ['bge-m3', '1024', words]) expect(note.textContent).toContain(word)
  })

  test('without a model nothing is said of vectors', async () => {
    const { maybe } = view({ against: null, before: null, after: figures, falls: [] })
    await settle()
    expect(maybe('release-vectors')).toBeNull()
  })

  test('the list marks the releases that compare by words alone although a model is set', async () => {
    const items = [
      { ...release, id: 'r3', number: 3, embedding: { model: null, failed: 'deadline' } },
      { ...release, id: 'r2', number: 2, embedding: { model: 'bge-m3', failed: null } },
      { ...release, id: 'r1', number: 1 },
    ]
    const { root } = shown(ReleasesTab, { item: 'r1' }, {
      releases: () => Promise.resolve({ items, next: null }),
      publications: () => Promise.resolve({ items: [] }),
      builds: () => Promise.resolve({ items: [] }),
      report: () => Promise.resolve({ release, report }),
      comparison: () => Promise.resolve({ against: null, before: null, after: figures, falls: [] }),
    })
    await settle()
    const marked = [...root.querySelectorAll<HTMLElement>('[data-testid="release-words-only"]')]
    expect(marked.map((one) => one.closest<HTMLElement>('[data-release]')?.dataset['release'])).toEqual(['3'])
    expect(marked[0]?.title).toContain('没有按时应答')
  })
})
