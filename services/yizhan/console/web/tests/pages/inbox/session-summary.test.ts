/** Beside a conversation: what it is about, in lines of its transcript, and below them in a model's words where that is offered. */

import { expect, test } from 'vitest'
import { nextTick, reactive } from 'vue'
import { Problem } from '@/api/problem'
import type { SummaryLine } from '@/api/customers'
import SessionSummary from '@/pages/inbox/profile/SessionSummary.vue'
import { fakeGateway, freshPinia, mount, settle } from '../../mount'

interface Reply {
  resolve: (lines: SummaryLine[]) => void
  reject: (error: unknown) => void
}

const line = (text: string, ...seqs: number[]): SummaryLine => ({ kind: 'said', text, seqs })

/** The card of c1; `answer` a question about the wording when the test wants it answered. */
function open(offered: boolean) {
  const waiting = new Map<string, Reply>()
  const gateway = fakeGateway({
    summary: ((id: string) => ({ session: 1, handoff_reason: 'requested', lines: [line(`原文 ${id}`, 3)], wording_offered: offered })) as never,
    wordedSummary: ((id: string) =>
      new Promise((resolve, reject) => {
        waiting.set(id, { resolve: (lines) => resolve({ session: 1, lines }), reject })
      })) as never,
  })
  const went: number[] = []
  const props = reactive({ conversationId: 'c1', session: 1, handedAt: '2026-11-22T10:00:00Z', onGoTo: (seq: number) => went.push(seq) })
  const Host = { components: { SessionSummary }, setup: () => ({ props }), template: '<SessionSummary v-bind="props" />' }
  const page = mount(Host, {}, freshPinia())
  const asked = () => gateway.calls.map((call) => `${call.name} ${String(call.args[0])}`)
  return { page, props, went, waiting, asked }
}

test('where it is not offered nobody asks, and the card is as ever', async () => {
  const { page, asked } = open(false)
  await settle()
  expect(page.find('session-summary').textContent).toContain('原文 c1')
  expect(asked()).toEqual(['summary c1'])
  expect([page.maybe('session-wording'), page.maybe('session-worded')]).toEqual([null, null])
})

test('the lines of the transcript do not wait for the model, whose lines lead to all of their messages', async () => {
  const { page, waiting, went } = open(true)
  await settle()
  expect(page.find('session-summary').textContent).toContain('原文 c1')
  expect(page.find('session-wording').textContent).toBe('模型正在整理…')
  waiting.get('c1')!.resolve([line('客户要求退款', 4, 7)])
  await settle()
  expect(page.maybe('session-wording')).toBeNull()
  const worded = page.find('session-worded')
  expect(worded.textContent).toContain('由模型整理，以原文为准')
  expect(page.find('session-summary').textContent).toContain('原文 c1')
  worded.querySelectorAll('button').forEach((button) => button.click())
  expect(went).toEqual([4, 7])
})

test.each([
  ['no line stands', (reply: Reply) => reply.resolve([])],
  ['it fails', (reply: Reply) => reply.reject(new Problem('timeout'))],
])('when %s nothing is added and nothing is complained of', async (_, end) => {
  const { page, waiting } = open(true)
  await settle()
  end(waiting.get('c1')!)
  await settle()
  expect([page.maybe('session-wording'), page.maybe('session-worded')]).toEqual([null, null])
  expect(page.find('session-summary').querySelector('[role=alert]')).toBeNull()
  expect(page.find('session-summary').textContent).toContain('原文 c1')
})

test('whoever has gone on to another conversation sees nothing of the former', async () => {
  const { page, props, waiting } = open(true)
  await settle()
  props.conversationId = 'c2'
  await nextTick()
  expect(document.body.textContent).not.toContain('c1')
  await settle()
  expect(page.find('session-summary').textContent).toContain('原文 c2')
  waiting.get('c1')!.resolve([line('上一位客户要求退款', 4)])
  await settle()
  expect(document.body.textContent).not.toContain('上一位')
  expect(page.find('session-wording')).toBeTruthy()
  waiting.get('c2')!.resolve([line('这位客户要求换货', 5)])
  await settle()
  expect(page.find('session-worded').textContent).toContain('这位客户要求换货')
})
