/** Why the assistant said something, and where its task stands. */

import { beforeEach, describe, expect, test } from 'vitest'
import type { Pinia } from 'pinia'
import { Problem } from '@/api/problem'
import type { PastDecision, Role, TaskView } from '@/api/types'
import MessageBubble from '@/pages/inbox/MessageBubble.vue'
import TaskState from '@/pages/inbox/TaskState.vue'
import WhyDialog from '@/pages/inbox/why/WhyDialog.vue'
import { share } from '@/pages/inbox/why/share'
import { useSession } from '@/stores/session'
import { message } from '../../live/fakes'
import { fakeGateway, freshPinia, mount, settle, type Mounted } from '../../mount'

const decision: PastDecision = {
  id: 'm1',
  conversation_id: 'c1',
  decided_at: '2026-11-22T04:00:00Z',
  intent: 'answer',
  decided_by: 'entry',
  release: { id: 'r-4', number: 4 },
  thresholds: { answer: 0.84, clarify: 0.08, margin: 0.2 },
  rule: null,
  handoff_reason: null,
  entry: { id: 'ship', question: '什么时候发货', score: 0.93 },
  task: null,
  job: null,
  candidates: [
    { entry_id: 'ship', question: '什么时候发货', score: 0.93, matched: '多久发货' },
    { entry_id: 'fee', question: '运费多少', score: 0.02, matched: '' },
  ],
  identical: true,
  differences: [],
  changed: [],
}

let pinia: Pinia
let given: PastDecision | Problem
let page: Mounted

async function open(what: PastDecision | Problem, role: Role = 'agent'): Promise<void> {
  given = what
  useSession().enter({ user: { id: 'me', username: 'me', name: '我', roles: [role] }, csrf: 'c' })
  page = mount(WhyDialog, { messageId: 'answer-7' }, pinia)
  await settle()
}

beforeEach(() => {
  pinia = freshPinia()
  document.querySelectorAll('.el-overlay').forEach((one) => one.remove())
  fakeGateway({
    decision: (() => {
      if (given instanceof Problem) throw given
      return given
    }) as never,
  })
})

describe('why this answer', () => {
  test('the entry, its score, the thresholds, the release and what else came into question', async () => {
    await open(decision)
    const text = page.find('decision').textContent
    for (const words of ['知识条目的答案', '直接回答', '什么时候发货', '93%', '第 4 版', '84%', '多久发货']) expect(text).toContain(words)
    expect(document.querySelectorAll('[data-testid="decision-candidate"]')).toHaveLength(2)
    expect(page.find('decision-identical').dataset['identical']).toBe('true')
  })

  test('whether it comes out the same is said before the candidates, which may need scrolling', async () => {
    await open(decision)
    const after = page.find('decision-identical').compareDocumentPosition(page.find('decision-candidate'))
    expect(after & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy()
  })

  test.each([[0.2, true], [0, false]])('a lead of %s that the best must have is shown: %s', async (margin, shown) => {
    await open({ ...decision, thresholds: { ...decision.thresholds, margin } })
    expect(page.find('decision').textContent.includes('领先')).toBe(shown)
  })

  test.each([['rule', true], ['entry', false]])('that the candidates had no part in what the %s decided is said: %s', async (by, said) => {
    await open({ ...decision, decided_by: by })
    expect(page.maybe('decision-not-considered') !== null).toBe(said)
  })

  test('the command line is there to be copied', async () => {
    await open(decision)
    expect(page.find('replay-command').textContent).toBe('yizhan replay answer-7')
  })

  const ways: [string, Partial<PastDecision>, string[]][] = [
    ['a guard rule', { decided_by: 'rule', intent: 'handoff', rule: 'major_complaint', handoff_reason: 'major_complaint', entry: null }, ['护栏规则', 'major_complaint', '重大投诉']],
    ['a task', { decided_by: 'task', intent: 'task_asked', task: { name: 'order_query', phase: 'asking', open: 'phone' }, entry: null }, ['办理任务中', 'order_query', '等客户提供信息']],
    ['a job that failed', { decided_by: 'result', intent: 'job', job: { kind: 'connector', outcome: 'failed', reason: 'refused' }, entry: null }, ['办理失败', 'refused']],
    ['nothing was published', { decided_by: 'assistant', intent: 'handoff', release: null, entry: null, candidates: [] }, ['当时没有发布知识库', '没有用到知识条目']],
    ['a code that is newer than this console', { intent: 'sung' }, ['sung']],
    ['it came out otherwise', { identical: false, differences: ['- a', '+ b'], changed: ['program: 1 then, 2 now'] }, ['与当时不同', '2 处不同', 'program: 1 then, 2 now']],
  ]
  test.each(ways)('%s', async (_, change, words) => {
    await open({ ...decision, ...change })
    for (const word of words) expect(page.find('decision').textContent).toContain(word)
  })

  test('the release is a link for those who may open it', async () => {
    await open(decision)
    expect(page.find('decision-release').querySelector('a')).toBeNull()
    await open(decision, 'supervisor')
    expect(page.find('decision-release').querySelector('a')?.getAttribute('href')).toContain('/knowledge/releases/r-4')
  })

  test('what nobody decided is explained, not called a failure', async () => {
    await open(new Problem('conflict', { code: 'not_an_answer' }))
    expect(page.find('why-none').textContent).toContain('主动说的话')
    expect(page.maybe('replay-command')).toBeNull()
  })

  test('a failure can be tried again', async () => {
    await open(new Problem('timeout'))
    given = decision
    const again = [...page.find('why-dialog').querySelectorAll('button')].find((button) => button.textContent?.includes('重试'))
    again?.click()
    await settle()
    expect(page.find('decision')).toBeTruthy()
  })

  test.each([['bot', true], ['agent', false], ['customer', false]] as const)('a message of the %s has the button: %s', (kind, shown) => {
    page = mount(MessageBubble, { message: message(1, kind), first: true, customer: { id: 'c', name: '' }, mine: false }, pinia)
    expect(page.maybe('why-open') !== null).toBe(shown)
  })
})

test.each([[0, '0%'], [0.004, '0.40%'], [0.08, '8%'], [0.845, '84.5%'], [1, '100%']])('a share of %d is %s', (value, words) => {
  expect(share(value)).toBe(words)
})

describe('where a task stands', () => {
  const task: TaskView = { name: 'order_query', title: '查询订单', phase: 'asking', asked: '订单号', values: [{ slot: 'phone', label: '手机号', shown: '138****8000' }], opened_at: null }

  test('what it is, what it asks and what it knows, masked as it came', () => {
    page = mount(TaskState, { task }, pinia)
    for (const words of ['查询订单', '等客户提供信息', '订单号', '138****8000']) expect(page.find('task-state').textContent).toContain(words)
  })

  test('nothing is given yet', () => {
    page = mount(TaskState, { task: { ...task, phase: 'working', asked: '', values: [] } }, pinia)
    expect(page.find('task-state').textContent).toContain('还没有填写')
    expect(page.find('task-state').textContent).not.toContain('正在询问')
  })
})
