import { afterEach, describe, expect, test } from 'vitest'
import { decisions, type AskResult, type BuiltRelease } from '@/api/types'
import { i18n } from '@/i18n'
import { en } from '@/i18n/en'
import { zhCN } from '@/i18n/zh-CN'
import AskPanel from '@/pages/knowledge/try/AskPanel.vue'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../mount'

const entry = { id: 'returns', question: '怎么退货？', paraphrases: [], answer: '七天内可以退货。', category: '' }
let mounted: Mounted | undefined

const plain: AskResult = {
  decision: 'answer', decided_by: 'entry', candidates: [{ entry, score: 0.4, matched: '' }], release_id: 'r1', release_number: 3,
  threshold: 0.84, clarify_threshold: 0.08, margin: 0, text: '', task: null, says: [], rule: null, handoff_reason: '', urgency: null,
  open: '', language: 'zh', normalised: '你好', day: '2026-11-22',
}
let gateway: FakeGateway

function write(words: string): void {
  const input = mounted?.root.querySelector('textarea')
  if (!input) throw new Error('no input')
  input.value = words
  input.dispatchEvent(new Event('input'))
}

async function submit(): Promise<void> {
  mounted?.root.querySelector('form')?.dispatchEvent(new Event('submit'))
  await settle()
}

async function tried(result: Partial<AskResult>, releases: BuiltRelease[] = []): Promise<Mounted> {
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  gateway = fakeGateway({ ask: () => Promise.resolve({ ...plain, ...result }) })
  mounted = mount(AskPanel, { releases, first: '' }, pinia)
  write('你好')
  await settle()
  await submit()
  return mounted
}

afterEach(() => mounted?.app.unmount())

describe('what the assistant would do', () => {
  test.each(decisions)('%s is told in words', async (decision) => {
    const { find, root } = await tried({ decision })
    const pill = find('ask-decision')
    expect(pill.textContent).toBe(zhCN.knowledge.decision[decision])
    expect(pill.className).toMatch(/good|warn|bad/)
    expect(root.textContent).toContain(zhCN.knowledge.decisionHint[decision])
  })

  test('only an answer is marked as what the customer gets', async () => {
    expect((await tried({ decision: 'answer' })).find('ask-candidate').classList.contains('top')).toBe(true)
    mounted?.app.unmount()
    expect((await tried({ decision: 'greeting' })).find('ask-candidate').classList.contains('top')).toBe(false)
  })

  test.each([
    ['zh-CN', zhCN],
    ['en', en],
  ])('%s has a label and a hint for each decision, and for no other', (_, words) => {
    expect(Object.keys(words.knowledge.decision).sort()).toEqual([...decisions].sort())
    expect(Object.keys(words.knowledge.decisionHint).sort()).toEqual([...decisions].sort())
    expect(new Set(Object.values(words.knowledge.decision)).size).toBe(decisions.length)
  })

  test('the rule that decided is named, with what set it off and what it does', async () => {
    const rule = { name: 'legal-dispute', kind: 'legal', action: 'hand_off' as const, decided: true, matched: ['法院起诉'] }
    const { find, root } = await tried({ decision: 'handoff', decided_by: 'rule', rule, handoff_reason: 'legal', urgency: 'high', says: [{ type: 'text', text: '正在为您转接人工客服' }] })
    for (const words of ['legal-dispute', '法律纠纷', '转人工', '法院起诉']) expect(find('ask-rule').textContent).toContain(words)
    expect(find('ask-decided-by').textContent).toBe('由规则决定')
    expect(find('ask-handoff').textContent).toContain('优先')
    expect(find('ask-text').textContent).toContain('正在为您转接')
    expect(root.textContent).toContain('这次不看候选条目')
  })

  test('a rule that let the knowledge go first is not told as what decided', async () => {
    const rule = { name: 'payment-fault', kind: 'fault', action: 'hand_off' as const, decided: false, matched: [] }
    const { find } = await tried({ rule })
    expect(find('ask-rule').textContent).toContain('让知识库先答')
    expect(find('ask-decided-by').textContent).toBe('由条目决定')
  })

  test('a task tells what it asks for first, and a question back its choices', async () => {
    expect((await tried({ decision: 'task', decided_by: 'task', task: 'order_query', open: 'order_number' })).find('ask-task').textContent).toContain('order_number')
    mounted?.app.unmount()
    const menu = { type: 'menu' as const, menu_id: 'clarify:1', prompt: '您想问的是？', options: [{ id: 'a', label: '怎么退货' }] }
    const { find } = await tried({ decision: 'clarify', decided_by: 'assistant', says: [menu] })
    expect(find('ask-text').textContent).toContain('怎么退货')
  })

  test('thresholds, and how the question was read, are shown', async () => {
    const { find } = await tried({ language: 'mixed', normalised: 'iphone退货', day: '2026-11-11' })
    expect(find('ask-thresholds').textContent).toContain('84%')
    for (const words of ['中英混合', 'iphone退货', '2026-11-11', '第 3 版']) expect(find('ask-read').textContent).toContain(words)
  })

  test('another day is asked for at once, about the question that is shown', async () => {
    const { find } = await tried({})
    write('还没问的话')
    const day = find<HTMLInputElement>('ask-day')
    day.value = '2026-11-11'
    day.dispatchEvent(new Event('input'))
    await settle()
    expect(gateway.calls.at(-1)).toMatchObject({ name: 'ask', args: [{ question: '你好', day: '2026-11-11' }] })
  })

  test('the last build of the draft and what is published are told apart', async () => {
    const built = (number: number, published: boolean): BuiltRelease => ({ id: `r${number}`, number, entries: 1, published_at: null, published_by: '', source_name: '', built_at: null, built_by: '', note: '', published, embedding: { model: null, failed: null } })
    const { root } = await tried({}, [built(9, false), built(8, true), built(7, false)])
    root.querySelector<HTMLElement>('[data-testid=ask-release] .el-select__wrapper, .el-select__wrapper:last-of-type')?.click()
    await settle()
    const labels = [...document.querySelectorAll('.el-select-dropdown__item')].map((one) => one.textContent?.trim())
    expect(labels).toEqual(expect.arrayContaining(['第 9 版 · 草稿最近一次构建', '第 8 版 · 线上', '第 7 版']))
  })
})
