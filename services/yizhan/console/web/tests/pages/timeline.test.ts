import { describe, expect, test } from 'vitest'
import type { Pending } from '@/live/outbox'
import { emptyTranscript, withMessages, withOlder } from '@/live/transcript'
import { pieces, safeUrl, timeline } from '@/pages/inbox/timeline'
import { message } from '../live/fakes'

const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString()

const pending: Pending = {
  clientId: 'c1',
  conversationId: 'a',
  epoch: 1,
  content: { type: 'text', text: 'x' },
  file: null,
  previewUrl: '',
  writtenAt: at(0),
  state: 'sending',
  messageId: '',
  reason: '',
}

describe('the rows of a transcript', () => {
  test('times stand where it was quiet, sessions where a new one began, own pending messages last', () => {
    const transcript = withOlder(
      emptyTranscript,
      [
        message(1, 'customer', { sent_at: at(0) }),
        message(2, 'bot', { sent_at: at(1) }),
        message(3, 'customer', { sent_at: at(20) }),
        message(4, 'system', { sent_at: at(20), content: { type: 'event', code: 'closed', text: 'closed' } }),
        message(5, 'customer', { sent_at: at(21), session: 2 }),
      ],
      false,
    )
    expect(timeline(transcript, [pending]).map((row) => row.key)).toEqual(['s1', 'm1', 'm2', 't3', 'm3', 'm4', 's2', 'm5', 'pc1'])
  })

  test('the author is named once per run', () => {
    const transcript = withMessages(emptyTranscript, [message(1), message(2), message(3, 'bot'), message(4, 'bot')])
    const named = timeline(transcript, []).flatMap((row) => (row.kind === 'message' ? [row.first] : []))
    expect(named).toEqual([true, false, true, false])
  })

  test('a hole is shown, not papered over', () => {
    const transcript = withMessages(emptyTranscript, [message(1), message(4)])
    expect(timeline(transcript, []).map((row) => row.kind)).toEqual(['time', 'message', 'hole', 'message'])
  })
})

describe("customers' words", () => {
  test('addresses become links without the punctuation around them', () => {
    expect(pieces('看 https://a.example/x?y=1，好吗 (http://b.example).').map((piece) => piece.href)).toEqual([
      null,
      'https://a.example/x?y=1',
      null,
      'http://b.example',
      null,
    ])
  })

  test('markup stays text', () => {
    const text = '<img src=x onerror=alert(1)>'
    expect(pieces(text)).toEqual([{ text, href: null }])
  })

  test.each([
    ['https://a.example/x', 'https://a.example/x'],
    ['/media/abc?sig=1', '/media/abc?sig=1'],
    ['javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['', null],
  ])('the address %s leads to %s', (url, expected) => {
    expect(safeUrl(url)).toBe(expected)
  })
})
