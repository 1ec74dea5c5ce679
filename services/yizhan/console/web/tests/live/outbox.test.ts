// @vitest-environment node
import { beforeEach, describe, expect, test } from 'vitest'
import { Outbox, OVERDUE_MS, type OutboxOptions, type Pending, type Refusal } from '@/live/outbox'
import type { Media } from '@/api/types'
import { FakeTimers, message } from './fakes'

interface Attempt {
  clientId: string
  epoch: number
  succeed(messageId: string): Promise<void>
  fail(refusal: Partial<Refusal>): Promise<void>
}

let timers: FakeTimers
let attempts: Attempt[]
let saved: Pending[]
let overdue: string[]
let released: string[]
let uploads: { file: File; done(media: Media): Promise<void>; fail(refusal: Partial<Refusal>): Promise<void> }[]

const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

function outbox(stored: Pending[] = []): Outbox {
  let ids = 0
  const options: OutboxOptions = {
    upload: (file) =>
      new Promise((resolve, reject) => {
        uploads.push({
          file,
          done: (media) => (resolve(media), settle()),
          fail: (refusal) => (reject(refusal), settle()),
        })
      }),
    say: (item) =>
      new Promise((resolve, reject) => {
        attempts.push({
          clientId: item.clientId,
          epoch: item.epoch,
          succeed: (message_id) => (resolve({ message_id }), settle()),
          fail: (refusal) => (reject(refusal), settle()),
        })
      }),
    refusalOf: (error) => ({ code: 'offline', passing: false, retryAfterMs: null, ...(error as Partial<Refusal>) }),
    newId: () => `c${(ids += 1)}`,
    now: () => new Date(0),
    previewOf: (file) => `blob:${file.name}`,
    releasePreview: (url) => released.push(url),
    timers,
    storage: { load: () => stored, save: (pending) => (saved = pending) },
    onChange: () => undefined,
    onOverdue: (conversation) => overdue.push(conversation),
  }
  return new Outbox(options)
}

const at = (index: number): Attempt => {
  const attempt = attempts[index]
  if (!attempt) throw new Error(`no attempt ${index}`)
  return attempt
}
const states = (box: Outbox) => box.pending.map((item) => item.state)

beforeEach(() => {
  timers = new FakeTimers()
  attempts = []
  saved = []
  overdue = []
  released = []
  uploads = []
})

describe('the way of a message', () => {
  test('it is pending until it is seen on the transcript', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    expect(states(box)).toEqual(['sending'])
    await at(0).succeed('m9')
    expect(states(box)).toEqual(['accepted'])
    box.confirm('a', [message(9, 'agent')])
    expect(box.pending).toEqual([])
  })

  test('a frame that is faster than the answer leaves no ghost behind', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    box.confirm('a', [message(9, 'agent', { client_id: 'c1' })])
    await at(0).succeed('m9')
    expect(box.pending).toEqual([])
  })

  test('messages of one conversation go out one after another, in the order written', async () => {
    const box = outbox()
    box.sendText('a', 2, 'first')
    box.sendText('a', 2, 'second')
    box.sendText('b', 1, 'elsewhere')
    await settle()
    expect(attempts.map((attempt) => attempt.clientId)).toEqual(['c1', 'c3'])
    await at(0).succeed('m1')
    expect(attempts.map((attempt) => attempt.clientId)).toEqual(['c1', 'c3', 'c2'])
  })

  test('a file is uploaded first and keeps its place in the order', async () => {
    const box = outbox()
    box.sendFile('a', 2, new File(['x'], 'photo.png', { type: 'image/png' }))
    box.sendText('a', 2, 'see above')
    await settle()
    expect(states(box)).toEqual(['uploading', 'waiting'])
    expect(attempts).toEqual([])
    await uploads[0]?.done({ id: 'f'.repeat(64), mime: 'image/png', name: 'photo.png', size: 1, url: '/media/f' })
    expect(attempts.map((attempt) => attempt.clientId)).toEqual(['c1'])
    expect(box.pending[0]?.content).toMatchObject({ type: 'image' }) // what is no picture goes as a file
    await at(0).succeed('m1')
    box.confirm('a', [message(1, 'agent')])
    expect(released).toEqual(['blob:photo.png'])
  })
})

describe('when the line breaks', () => {
  test('an unknown outcome is sent again under the same client_id', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).fail({ code: 'offline', passing: true })
    expect(states(box)).toEqual(['waiting'])
    timers.pass(2_000)
    await settle()
    expect(attempts.map((attempt) => attempt.clientId)).toEqual(['c1', 'c1'])
  })

  test('later messages wait behind it instead of overtaking', async () => {
    const box = outbox()
    box.sendText('a', 2, 'first')
    box.sendText('a', 2, 'second')
    await settle()
    await at(0).fail({ code: 'offline', passing: true })
    expect(attempts).toHaveLength(1)
    box.flush()
    await settle()
    expect(at(1).clientId).toBe('c1')
  })

  test('pauses between attempts grow; a return of the line sends at once', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).fail({ passing: true })
    timers.pass(2_000)
    await settle()
    await at(1).fail({ passing: true })
    timers.pass(3_999)
    await settle()
    expect(attempts).toHaveLength(2)
    box.flush()
    await settle()
    expect(attempts).toHaveLength(3)
  })

  test('accepted but not seen: repeated under the same client_id after a return', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).succeed('m1')
    box.flush()
    await settle()
    expect(attempts.map((attempt) => attempt.clientId)).toEqual(['c1', 'c1'])
  })

  test('"too many" waits as long as the gateway asks', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).fail({ code: 'limited', passing: true, retryAfterMs: 7_000 })
    timers.pass(6_999)
    await settle()
    expect(attempts).toHaveLength(1)
    timers.pass(1)
    await settle()
    expect(attempts).toHaveLength(2)
  })

  test('a reloaded page sends what was left, with the same client_id', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    const again = outbox(saved)
    again.restore()
    await settle()
    expect(attempts.map((attempt) => attempt.clientId)).toEqual(['c1', 'c1'])
  })

  test('a file that a reload has lost is shown as failed, not forgotten', () => {
    const box = outbox()
    box.sendFile('a', 2, new File(['x'], 'photo.png', { type: 'image/png' }))
    const again = outbox(saved)
    again.restore()
    expect(again.pending).toMatchObject([{ state: 'failed', reason: 'file_lost' }])
  })
})

describe('never silent', () => {
  test('a stale epoch fails the message with its reason', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).fail({ code: 'stale_epoch' })
    expect(box.pending).toMatchObject([{ state: 'failed', reason: 'stale_epoch' }])
  })

  test('a refusal that comes by frame fails the accepted message', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).succeed('m1')
    box.refuse('c1', 'stale_epoch')
    expect(box.pending).toMatchObject([{ state: 'failed', reason: 'stale_epoch' }])
  })

  test('a refused message is tried again as a new one, under the present ownership', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).fail({ code: 'stale_epoch' })
    box.retry('c1', 4)
    await settle()
    expect(at(1)).toMatchObject({ clientId: 'c2', epoch: 4 })
  })

  test('an accepted message that never appears is fetched for, then shown as unconfirmed, and repeated as the same', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).succeed('m1')
    timers.pass(OVERDUE_MS)
    expect(overdue).toEqual(['a'])
    timers.pass(OVERDUE_MS)
    expect(box.pending).toMatchObject([{ state: 'failed', reason: 'unconfirmed' }])
    box.retry('c1', 2)
    await settle()
    expect(at(1).clientId).toBe('c1')
  })

  test('a failure does not hold up the messages behind it', async () => {
    const box = outbox()
    box.sendText('a', 2, 'first')
    box.sendText('a', 2, 'second')
    await settle()
    await at(0).fail({ code: 'invalid' })
    expect(at(1).clientId).toBe('c2')
  })

  test('after signing out nothing is left running', async () => {
    const box = outbox()
    box.sendText('a', 2, 'hello')
    await settle()
    await at(0).succeed('m1')
    box.stop()
    expect(timers.count).toBe(0)
  })
})
