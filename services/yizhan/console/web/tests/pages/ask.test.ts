import { afterEach, describe, expect, test } from 'vitest'
import { decisions, type AskResult } from '@/api/types'
import { i18n } from '@/i18n'
import { en } from '@/i18n/en'
import { zhCN } from '@/i18n/zh-CN'
import AskPanel from '@/pages/knowledge/try/AskPanel.vue'
import { fakeGateway, freshPinia, mount, settle, type Mounted } from '../mount'

const entry = { id: 'returns', question: '怎么退货？', paraphrases: [], answer: '七天内可以退货。', category: '' }
let mounted: Mounted | undefined

async function tried(result: Partial<AskResult>): Promise<Mounted> {
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  const answer: AskResult = { decision: 'answer', candidates: [{ entry, score: 0.4, matched: '' }], release_id: 'r1', threshold: 0.84, clarify_threshold: 0.08, text: '', task: null, ...result }
  fakeGateway({ ask: () => Promise.resolve(answer) })
  mounted = mount(AskPanel, { releases: [], first: '' }, pinia)
  const input = mounted.root.querySelector('textarea')
  if (!input) throw new Error('no input')
  input.value = '你好'
  input.dispatchEvent(new Event('input'))
  await settle()
  mounted.root.querySelector('form')?.dispatchEvent(new Event('submit'))
  await settle()
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
})
