// @vitest-environment node
import { describe, expect, test } from 'vitest'
import type { Message } from '@/api/types'
import { behind, cursor, emptyTranscript, holes, withMessages, withOlder, withReceipt } from '@/live/transcript'
import { message } from './fakes'

const seqs = (transcript: { messages: readonly Message[] }) => transcript.messages.map((m) => m.seq)

describe('order and uniqueness', () => {
  test('messages are shown by seq, whatever order they arrive in', () => {
    let transcript = emptyTranscript
    for (const seq of [4, 2, 5, 1, 3]) transcript = withMessages(transcript, [message(seq)])
    expect(seqs(transcript)).toEqual([1, 2, 3, 4, 5])
    expect(behind(transcript)).toBe(false)
  })

  test('a message that arrives by frame and again by catch-up is there once', () => {
    let transcript = withMessages(emptyTranscript, [message(1), message(2)])
    transcript = withMessages(transcript, [message(2), message(3)])
    expect(seqs(transcript)).toEqual([1, 2, 3])
  })

  test('any interleaving of frames and pages ends in the same transcript', () => {
    let seed = 7
    const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
    for (let round = 0; round < 200; round += 1) {
      const arrivals = Array.from({ length: 30 }, (_, at) => at + 1)
        .flatMap((seq) => (random() < 0.4 ? [seq, seq] : [seq]))
        .map((seq) => ({ seq, at: random() }))
        .sort((a, b) => a.at - b.at)
      let transcript = emptyTranscript
      while (arrivals.length > 0) {
        const batch = arrivals.splice(0, 1 + Math.floor(random() * 4))
        transcript = withMessages(transcript, batch.map(({ seq }) => message(seq)))
      }
      expect(seqs(transcript)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
    }
  })
})

describe('what is missing', () => {
  test('the cursor stops before a hole, so that the catch-up fills it', () => {
    const transcript = withMessages(emptyTranscript, [message(11), message(12), message(15)])
    expect(cursor(transcript)).toBe(12)
    expect(behind(transcript)).toBe(true)
    expect(holes(transcript)).toEqual([12])
  })

  test('a known head without its messages counts as being behind', () => {
    const transcript = withMessages(emptyTranscript, [message(1)], 4)
    expect(behind(transcript)).toBe(true)
    expect(holes(transcript)).toEqual([])
  })

  test('older pages go before, and the last one completes the transcript', () => {
    let transcript = withMessages(emptyTranscript, [message(51), message(52)])
    transcript = withOlder(transcript, [message(49), message(50)], true)
    expect(seqs(transcript)).toEqual([49, 50, 51, 52])
    expect(transcript.complete).toBe(false)
    expect(withOlder(transcript, [message(48)], false).complete).toBe(true)
  })
})

describe('receipts', () => {
  const sent = (seq: number, change: Partial<Message> = {}) => message(seq, 'agent', { receipt: 'accepted', ...change })
  const receipts = (transcript: { messages: readonly Message[] }) => transcript.messages.map((m) => m.receipt ?? null)

  test('"read" covers earlier messages but not those that failed', () => {
    const before = withMessages(emptyTranscript, [
      sent(1),
      message(2),
      sent(3, { receipt: 'failed' }),
      sent(4, { receipt: 'unknown' }),
      sent(5),
      sent(6),
    ])
    expect(receipts(withReceipt(before, 5, 'read'))).toEqual(['read', null, 'failed', 'unknown', 'read', 'accepted'])
  })

  test('a late "delivered" does not take "read" back', () => {
    const read = withReceipt(withMessages(emptyTranscript, [sent(1)]), 1, 'read')
    expect(withReceipt(read, 1, 'delivered')).toBe(read)
  })

  test('a failure names its reason on that message only', () => {
    const failed = withReceipt(withMessages(emptyTranscript, [sent(1), sent(2)]), 2, 'failed', 'window_closed')
    expect(receipts(failed)).toEqual(['accepted', 'failed'])
    expect(failed.messages[1]?.receipt_reason).toBe('window_closed')
  })

  test('a repeated page does not lower a receipt that a frame has raised', () => {
    const read = withReceipt(withMessages(emptyTranscript, [sent(1)]), 1, 'read')
    expect(receipts(withMessages(read, [sent(1)]))).toEqual(['read'])
  })
})
