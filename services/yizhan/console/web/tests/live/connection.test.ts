// @vitest-environment node
import { beforeEach, describe, expect, test } from 'vitest'
import { HELLO_MS, LiveConnection, PING_MS, SILENCE_MS, WATCHING_MS, pauseMs, type LiveStatus } from '@/live/connection'
import type { ServerFrame } from '@/live/frames'
import { FakeSocket, FakeTimers } from './fakes'

let timers: FakeTimers
let sockets: FakeSocket[]
let frames: ServerFrame[]
let statuses: LiveStatus[]
let ready: boolean[]
let over: number
let live: LiveConnection

beforeEach(() => {
  timers = new FakeTimers()
  sockets = []
  frames = []
  statuses = []
  ready = []
  over = 0
  live = new LiveConnection({
    open: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    timers,
    random: () => 0.5,
    onFrame: (frame) => frames.push(frame),
    onStatus: (status) => statuses.push(status),
    onReady: (returned) => ready.push(returned),
    onSessionOver: () => (over += 1),
  })
})

function socket(): FakeSocket {
  const last = sockets.at(-1)
  if (!last) throw new Error('no socket was opened')
  return last
}

function connected(): FakeSocket {
  live.start()
  socket().says({ type: 'hello' })
  return socket()
}

describe('connecting', () => {
  test('a screen is online only after the gateway said hello', () => {
    live.start()
    expect(live.online).toBe(false)
    socket().says({ type: 'hello' })
    expect(live.online).toBe(true)
    expect(ready).toEqual([false])
  })

  test('no hello in time is a failed attempt, not an endless wait', () => {
    live.start()
    timers.pass(HELLO_MS)
    expect(statuses.at(-1)?.state).toBe('waiting')
    timers.pass(1_000)
    expect(sockets).toHaveLength(2)
  })

  test('starting twice opens one socket', () => {
    live.start()
    live.start()
    expect(sockets).toHaveLength(1)
  })
})

describe('coming back', () => {
  test('pauses grow, stay under the limit and are spread by chance', () => {
    const shortest = [1, 2, 3, 4, 5, 6, 12].map((attempt) => pauseMs(attempt, 0))
    const longest = [1, 2, 3, 4, 5, 6, 12].map((attempt) => pauseMs(attempt, 1))
    expect(shortest).toEqual([300, 600, 1200, 2400, 2500, 2500, 2500])
    expect(longest).toEqual([600, 1200, 2400, 4800, 5000, 5000, 5000])
  })

  test('a broken line is taken up again and the caller learns that something may be missed', () => {
    connected().breaks()
    expect(statuses.at(-1)).toMatchObject({ state: 'waiting', attempt: 1 })
    timers.pass(1_000)
    socket().says({ type: 'hello' })
    expect(sockets).toHaveLength(2)
    expect(ready).toEqual([false, true])
  })

  test('a success resets the pauses', () => {
    connected().breaks()
    timers.pass(20_000)
    socket().breaks()
    timers.pass(20_000)
    socket().says({ type: 'hello' })
    socket().breaks()
    expect(statuses.at(-1)).toMatchObject({ state: 'waiting', attempt: 1 })
  })

  test('a restarting gateway is met again within a second', () => {
    connected().breaks(1012)
    timers.pass(1_000)
    expect(sockets).toHaveLength(2)
  })

  test('the watch list is repeated after each return', () => {
    const first = connected()
    live.watch(['b', 'a'])
    expect(first.sent).toEqual([{ type: 'watch', conversation_ids: ['a', 'b'] }])
    first.breaks()
    timers.pass(1_000)
    socket().says({ type: 'hello' })
    expect(socket().sent).toEqual([{ type: 'watch', conversation_ids: ['a', 'b'] }])
  })

  test('the same watch list is not sent again', () => {
    const line = connected()
    live.watch(['a', 'b'])
    live.watch(['b', 'a', 'a'])
    expect(line.sent).toHaveLength(1)
  })

  test('who waits for the gateway to watch waits for the last list that was sent', async () => {
    const line = connected()
    line.slow = true
    let watched = false
    live.watch(['a'])
    live.watch(['a', 'b'])
    void live.watching().then(() => (watched = true))
    line.says({ type: 'watching' })
    await Promise.resolve()
    expect(watched).toBe(false)
    line.says({ type: 'watching' })
    await Promise.resolve()
    expect(watched).toBe(true)
  })

  test.each([
    ['the line breaks', () => socket().breaks()],
    ['the gateway does not say so in time', () => timers.pass(WATCHING_MS)],
    ['the screen is closed', () => live.stop()],
  ])('nobody waits for ever for the gateway to watch: %s', async (_, happens) => {
    connected().slow = true
    live.watch(['a'])
    const watching = live.watching()
    happens()
    await watching
    expect(frames).toEqual([])
  })

  test('without a line there is nothing to wait for', async () => {
    live.watch(['a'])
    await live.watching()
    expect(sockets).toEqual([])
  })

  test('a person who presses "retry" does not wait out the pause', () => {
    connected().breaks()
    live.retryNow()
    expect(sockets).toHaveLength(2)
    timers.pass(60_000)
    socket().says({ type: 'hello' })
    expect(live.online).toBe(true)
  })

  test('frames of a line that was given up change nothing', () => {
    const old = connected()
    old.breaks()
    timers.pass(1_000)
    old.says({ type: 'gap' })
    expect(frames).toEqual([])
  })
})

describe('staying', () => {
  test('pings go out while connected', () => {
    const line = connected()
    timers.pass(PING_MS)
    line.says({ type: 'pong' })
    timers.pass(PING_MS)
    expect(line.sent.filter((frame) => frame.type === 'ping')).toHaveLength(2)
  })

  test('a silent line is given up although the browser reports nothing', () => {
    const line = connected()
    timers.pass(SILENCE_MS)
    expect(line.closedWith).not.toBeNull()
    expect(statuses.at(-1)?.state).toBe('waiting')
  })

  test('a network that is gone ends the line at once, and its return is tried at once', () => {
    const first = connected()
    live.lineLost()
    expect(first.closedWith).toBe(4000)
    expect(statuses.at(-1)?.state).toBe('waiting')
    live.retryNow()
    socket().says({ type: 'hello' })
    expect(ready).toEqual([false, true])
  })

  test('unreadable and unknown frames are ignored', () => {
    const line = connected()
    line.onmessage?.({ data: 'not json' })
    line.onmessage?.({ data: new ArrayBuffer(2) })
    line.says({ type: 'from_the_future' })
    line.says({ type: 'gap' })
    expect(frames).toEqual([{ type: 'gap' }])
  })
})

describe('leaving', () => {
  test('an ended session stops all attempts and sends the person to sign in', () => {
    connected().breaks(4401)
    timers.pass(600_000)
    expect(over).toBe(1)
    expect(sockets).toHaveLength(1)
  })

  test('after signing out nothing is left running', () => {
    const line = connected()
    live.stop()
    expect(line.closedWith).toBe(1000)
    expect(timers.count).toBe(0)
  })
})
