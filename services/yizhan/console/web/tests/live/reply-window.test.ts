// @vitest-environment node
import { describe, expect, test } from 'vitest'
import type { Message, ReceiptState } from '@/api/types'
import { i18n } from '@/i18n'
import { allowance, unsent, until, type Translate } from '@/i18n/words'
import { en } from '@/i18n/en'
import { zhCN } from '@/i18n/zh-CN'
import { withHint, withSnapshot } from '@/live/boxes'
import { allowed, obstacle } from '@/live/reply-window'
import { emptyTranscript, withMessages, withReceipt } from '@/live/transcript'
import { plays } from '@/pages/inbox/timeline'
import { conversation } from './fakes'

const t: Translate = (key, values) => i18n.global.t(key, values ?? {})
const exists = (key: string) => i18n.global.te(key)
const now = new Date(2026, 10, 22, 14, 5, 0).getTime()
const at = (ms: number) => new Date(now + ms).toISOString()
const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe('what may still be sent', () => {
  test.each([
    ['days and messages are left', { until: at(48 * HOUR), left: 3 }, 'open', '还可发送 3 条 · 11月24日 14:05 前'],
    ['any number, until tomorrow', { until: at(24 * HOUR), left: null }, 'open', '明天 14:05 前可以回复'],
    ['less than an hour is left', { until: at(42 * MINUTE + 10_000), left: 3 }, 'soon', '还可发送 3 条 · 还剩 42 分 10 秒'],
    ['any number, for seconds', { until: at(9_000), left: null }, 'soon', '还可回复 9 秒'],
    ['one message is left', { until: at(5 * HOUR), left: 1 }, 'soon', '还可发送 1 条 · 今天 19:05 前'],
    ['the time is over', { until: at(0), left: 3 }, 'closed', '微信已不允许主动发送：消息将在客户下次发言时送出'],
    ['the messages are used up', { until: at(HOUR), left: 0 }, 'closed', '微信允许的回复条数已用完：消息将在客户下次发言时送出'],
  ])('%s', (_, window, state, words) => {
    const found = allowed(window, now)
    expect(found?.state).toBe(state)
    expect(found && allowance(found, '微信', now, t)).toBe(words)
  })

  test('a channel without such rules shows nothing', () => {
    expect(allowed(null, now)).toBeNull()
    expect(allowed(undefined, now)).toBeNull()
  })

  test('a time to come names its day', () => {
    expect(until(at(0), now, t)).toBe('今天 14:05')
    expect(until('nonsense', now, t)).toBe('')
  })
})

function message(seq: number, kind: Message['author']['kind'], receipt: ReceiptState | null = null, receipt_reason = ''): Message {
  return {
    seq, id: `m${seq}`, author: { kind, name: '' }, content: { type: 'text', text: 'x' }, sent_at: at(seq), session: 1, receipt, receipt_reason,
  }
}

describe('what stopped the last message', () => {
  test.each([
    ['nothing: it arrived', [message(1, 'agent', 'accepted')], null],
    ['it waits', [message(1, 'agent', 'held', 'provider_busy')], { state: 'held', reason: 'provider_busy' }],
    ['a notice behind it is no message', [message(1, 'agent', 'held', 'in_order'), message(2, 'system')], { state: 'held', reason: 'in_order' }],
    ['the account may not write', [message(1, 'bot', 'failed', 'not_permitted')], { state: 'failed', reason: 'not_permitted' }],
    ['a failure of that one message', [message(1, 'agent', 'failed', 'too_long')], null],
    ['the customer has written since', [message(1, 'agent', 'held', 'window_closed'), message(2, 'customer')], null],
    ['nothing was said', [], null],
  ] as const)('%s', (_, messages, found) => {
    expect(obstacle(messages)).toEqual(found)
  })
})

describe('a message that did not arrive says why', () => {
  test.each<[Partial<Message>, string[]]>([
    [{ receipt: 'held', receipt_reason: 'window_closed', fallback: 'template' }, ['已超过渠道允许回复的时间，等客户下次发言时送出', '已发模板消息提醒客户']],
    [{ receipt: 'held', receipt_reason: 'brand_new' }, ['渠道暂时不能发送，条件允许时自动送出']],
    [{ receipt: 'unknown', receipt_reason: 'interrupted' }, ['发送过程中服务中断，客户可能已收到，也可能没有']],
    [{ receipt: 'unknown', receipt_reason: 'timeout' }, ['渠道没有在时限内答复，客户可能已收到，也可能没有']],
    [{ receipt: 'failed', receipt_reason: 'expired' }, ['保留期内客户没有再发言，这条消息没有送出']],
    [{ receipt: 'accepted', receipt_reason: '' }, []],
  ])('%j', (given, words) => {
    expect(unsent({ ...message(1, 'agent'), ...given }, t, exists)).toEqual(words)
  })

  test.each([['zh-CN', zhCN], ['en', en]] as const)('every reason has words of its own in %s', (_, catalogue) => {
    const failures = [
      'window_closed', 'quota_spent', 'not_permitted', 'blocked_by_customer', 'unknown_customer', 'bad_content', 'too_long',
      'risky_content', 'account_refused', 'served_elsewhere', 'retries_spent', 'token_expired', 'refused', 'expired',
    ] as const
    const texts = failures.map((code) => catalogue.reason[code])
    expect(texts).not.toContain(undefined)
    expect(new Set(texts).size).toBe(failures.length)
  })
})

describe('on the transcript', () => {
  const start = withMessages(emptyTranscript, [message(1, 'agent', 'held', 'provider_busy'), message(2, 'agent')])

  test('a held message may wait for something else by now, and leaves in the end', () => {
    const waits = withReceipt(start, 1, 'held', 'window_closed', 'ticket')
    expect(waits.messages[0]).toMatchObject({ receipt: 'held', receipt_reason: 'window_closed', fallback: 'ticket' })
    expect(withReceipt(waits, 1, 'held', 'window_closed', 'ticket')).toBe(waits)
    const left = withReceipt(waits, 1, 'accepted')
    expect(left.messages[0]).toMatchObject({ receipt: 'accepted', receipt_reason: null, fallback: null })
    expect(withReceipt(left, 1, 'held', 'window_closed')).toBe(left)
  })

  test('a later message that was delivered says nothing of one that is held', () => {
    expect(withReceipt(start, 2, 'delivered').messages.map((one) => one.receipt)).toEqual(['held', 'delivered'])
  })
})

describe('the window of a conversation', () => {
  const open = { until: at(HOUR), left: 5 }
  const used = { until: at(HOUR), left: 4 }

  test('follows the frames, and one that says nothing of it changes nothing', () => {
    const told = withHint(conversation('c', { reply_window: open }), { id: 'c', reply_window: used })
    expect(told.reply_window).toEqual(used)
    expect(withHint(told, { id: 'c', last_seq: 9 }).reply_window).toEqual(used)
  })

  test('is not taken back by an answer that a frame overtook', () => {
    const known = conversation('c', { reply_window: used, last_seq: 9 })
    expect(withSnapshot(known, conversation('c', { reply_window: open, last_seq: 8 })).reply_window).toEqual(used)
    expect(withSnapshot(known, conversation('c', { reply_window: open, last_seq: 9 })).reply_window).toEqual(open)
    expect(withSnapshot(known, conversation('c', { reply_window: open, last_seq: 9 }), true).reply_window).toEqual(used)
  })
})

test.each([
  ['voice', 'audio/mpeg', true],
  ['voice', 'audio/mp4; codecs=mp4a.40.2', true],
  ['voice', 'audio/amr', false],
  ['video', 'video/mp4', true],
  ['video', 'video/x-flv', false],
] as const)('a %s of type %s plays here: %s', (kind, mime, can) => {
  expect(plays(kind, mime)).toBe(can)
})
