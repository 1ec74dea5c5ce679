import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Pinia } from 'pinia'
import type { Content, Message } from '@/api/types'
import ConversationRow from '@/pages/inbox/ConversationRow.vue'
import MessageBubble from '@/pages/inbox/MessageBubble.vue'
import MessageContent from '@/pages/inbox/MessageContent.vue'
import OfferCard from '@/pages/inbox/OfferCard.vue'
import ReplyWindowNote from '@/pages/inbox/ReplyWindowNote.vue'
import { conversation } from '../live/fakes'
import { fakeGateway, freshPinia, mount, settle } from '../mount'

let pinia: Pinia
beforeEach(() => {
  pinia = freshPinia()
  fakeGateway({})
})
afterEach(() => vi.useRealTimers())

const ahead = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString()

function said(change: Partial<Message>): Message {
  return {
    seq: 7, id: 'm7', author: { kind: 'agent', name: '小雅', id: 'me' }, content: { type: 'text', text: '您好' }, sent_at: ahead(0), session: 1, ...change,
  }
}

describe('above the input', () => {
  const show = (props: Record<string, unknown>) => mount(ReplyWindowNote, { window: null, channel: 'wechat', messages: [], ...props }, pinia)

  test('the time runs down without reloading, until the window closes', async () => {
    vi.useFakeTimers({ now: new Date(2026, 10, 22, 14, 0, 0), toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] })
    fakeGateway({})
    const page = show({ window: { until: ahead(61), left: 3 } })
    const note = page.find('reply-window')
    expect([note.dataset.state, note.textContent]).toEqual(['open', '还可发送 3 条 · 今天 15:01 前'])
    vi.advanceTimersByTime(2 * 60_000)
    await nextTick()
    expect([note.dataset.state, note.textContent]).toEqual(['soon', '还可发送 3 条 · 还剩 59 分'])
    vi.advanceTimersByTime(60 * 60_000)
    await nextTick()
    expect([note.dataset.state, note.textContent]).toEqual(['closed', '微信已不允许主动发送：消息将在客户下次发言时送出'])
    page.app.unmount()
  })

  test('a channel without rules has no note', () => {
    expect(show({}).maybe('reply-window')).toBeNull()
  })

  test('what stopped the last message is said before the next one is written', () => {
    const held = said({ receipt: 'held', receipt_reason: 'provider_busy' })
    expect(show({ messages: [held] }).find('reply-trouble').textContent).toBe('上一条消息还在等待：渠道繁忙或限制了发送速度，稍后自动重试')
    const refused = said({ receipt: 'failed', receipt_reason: 'not_permitted' })
    expect(show({ window: { until: ahead(90), left: 2 }, messages: [refused] }).find('reply-trouble').textContent).toContain('没有主动发送的权限')
  })

  test('a closed window says it once', () => {
    const held = said({ receipt: 'held', receipt_reason: 'window_closed' })
    const page = show({ window: { until: ahead(-1), left: 2 }, messages: [held] })
    expect(page.maybe('reply-trouble')).toBeNull()
    expect(page.find('reply-window').dataset.state).toBe('closed')
  })
})

describe('a message on the transcript', () => {
  const show = (change: Partial<Message>) =>
    mount(MessageBubble, { message: said(change), first: true, customer: { id: 'c', name: '客' }, mine: true }, pinia)

  test('that is held says what it waits for and what was done besides', () => {
    const page = show({ receipt: 'held', receipt_reason: 'quota_spent', fallback: 'ticket', receipt_detail: '45047 out of response count' })
    expect(page.find('message').dataset.receipt).toBe('held')
    expect(page.find('receipt').textContent).toContain('等待送出')
    expect(page.find('unsent-reason').textContent).toBe(
      '渠道允许的回复条数已用完，等客户下次发言时送出 · 已建立工单，请换个方式联系客户45047 out of response count',
    )
  })

  test('in doubt says that it may not have arrived', () => {
    const page = show({ receipt: 'unknown', receipt_reason: 'interrupted' })
    expect(page.find('receipt').textContent).toContain('不确定是否已送达')
    expect(page.find('unsent-reason').textContent).toContain('客户可能已收到，也可能没有')
  })

  test('that arrived gives no reasons', () => {
    expect(show({ receipt: 'accepted', receipt_reason: '' }).maybe('unsent-reason')).toBeNull()
  })

  test("that a colleague wrote in the platform's own client says so", () => {
    const page = show({ elsewhere: true, author: { kind: 'agent', name: '阿里', id: '' } })
    expect(page.find('message').textContent).toContain('在渠道自带的客服工具中回复')
  })
})

describe('voice and video', () => {
  const media = (mime: string) => ({ id: 'f', mime, name: '', size: 2048, url: '/media/f' })
  test.each<[string, Content, string, string]>([
    ['a voice that browsers play', { type: 'voice', media: media('audio/mpeg') }, 'voice', 'file'],
    ['a video that browsers play', { type: 'video', media: media('video/mp4') }, 'video', 'file'],
    ['a voice as phones record it', { type: 'voice', media: media('audio/amr') }, 'file', 'voice'],
  ])('%s', (_, content, there, absent) => {
    const page = mount(MessageContent, { content }, pinia)
    expect(page.find(there).getAttribute(there === 'file' ? 'href' : 'src')).toBe('/media/f')
    expect(page.maybe(absent)).toBeNull()
  })

  test('what the player cannot open after all can be had as a file', async () => {
    const page = mount(MessageContent, { content: { type: 'video', media: media('video/mp4') } }, pinia)
    page.find('video').dispatchEvent(new Event('error'))
    await settle()
    expect(page.find('file').textContent).toContain('视频')
  })
})

describe('before a conversation is taken', () => {
  test('the offer says until when the customer can be answered', () => {
    const offer = {
      id: 'o', conversation_id: 'c', customer_name: '客', last_text: '在吗', reason: 'requested', made_at: ahead(0), expires_at: ahead(1),
      deadline: null, epoch: 2, reply_window: { until: ahead(30), left: 2 },
    }
    const page = mount(OfferCard, { offer, open: false, busy: false }, pinia)
    expect(page.find('offer-window').dataset.state).toBe('soon')
    expect(page.find('offer-window').textContent).toContain('还可发送 2 条')
    expect(mount(OfferCard, { offer: { ...offer, reply_window: null }, open: false, busy: false }, pinia).maybe('offer-window')).toBeNull()
  })

  test.each([
    ['callback', 9, '距约定的回电还有'],
    ['callback', -2, '约定的回电已晚'],
    ['requested', 1, '转人工时限还剩'],
    ['requested', -1, '转人工时限已过'],
  ])('an offer (%s) with %d minutes left says of what: %s', (reason, minutes, words) => {
    const offer = {
      id: 'o', conversation_id: 'c', customer_name: '客', last_text: '在吗', reason, made_at: ahead(0), expires_at: ahead(1),
      deadline: ahead(minutes), epoch: 0, reply_window: null,
    }
    expect(mount(OfferCard, { offer, open: false, busy: false }, pinia).find('offer').textContent).toContain(words)
  })

  test.each([
    ['queued', 3000, 'open'],
    ['queued', 30, 'soon'],
    ['mine', 30, 'soon'],
    ['mine', -1, 'closed'],
    ['mine', 3000, null],
  ] as const)('a row of %s with %d minutes left', (box, minutes, state) => {
    const shown = conversation('c', { state: box === 'queued' ? 'queued' : 'assigned', channel: 'wechat', reply_window: { until: ahead(minutes), left: 4 } })
    const page = mount(ConversationRow, { conversation: shown, box, open: false, mine: true, unread: false, typing: false }, pinia)
    expect(page.maybe('row-window')?.dataset.state ?? null).toBe(state)
  })
})
