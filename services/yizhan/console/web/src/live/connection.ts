/**
 * The WebSocket of a signed-in screen, free of any framework: it connects, says hello, keeps alive, notices silence,
 * and comes back with growing, jittered pauses. What to refetch after a return is the caller's business (`onReady`).
 */

import type { ClientFrame, Doing, ServerFrame } from './frames'
import { parseFrame } from './frames'

export interface Socket {
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  onerror: (() => void) | null
  send(data: string): void
  close(code?: number): void
}

export interface Timers {
  set(run: () => void, ms: number): unknown
  clear(timer: unknown): void
}

export type LiveStatus =
  | { state: 'idle' }
  | { state: 'connecting' }
  | { state: 'online' }
  /** `attempt` counts failures in a row; the next try starts `retryInMs` after this status. */
  | { state: 'waiting'; attempt: number; retryInMs: number }

export interface LiveOptions {
  open(): Socket
  timers: Timers
  /** Uniform in [0, 1). */
  random(): number
  onFrame(frame: ServerFrame): void
  onStatus(status: LiveStatus): void
  /** The connection is up; `returned` is true when it had been up before, so that something may have been missed. */
  onReady(returned: boolean): void
  /** The gateway closed with 4401: the session is over and no further attempt is made. */
  onSessionOver(): void
}

export const PING_MS = 20_000
/** No frame for this long, pongs included, means that the line is dead even if the browser has not noticed. */
export const SILENCE_MS = 45_000
export const HELLO_MS = 10_000
/** Who waits for the gateway to watch waits no longer. */
export const WATCHING_MS = 2_000
const FIRST_PAUSE_MS = 600
/** Whoever is back on the network is back at work within this time, also where no browser tells that the network is back. */
const LONGEST_PAUSE_MS = 5_000
const RESTARTING = 1012
const SESSION_OVER = 4401
const SILENT = 4000

/** The pause before attempt n (from 1): half of it fixed, half random, so that many screens do not return at once. */
export function pauseMs(attempt: number, random: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
  return Math.round(longest / 2 + (longest / 2) * random)
}

export class LiveConnection {
  private socket: Socket | null = null
  private status: LiveStatus = { state: 'idle' }
  private attempt = 0
  private wasReady = false
  private watched: string[] = []
  private lastWords = true
  private attended: { conversation_id: string; doing: Doing } = { conversation_id: '', doing: 'viewing' }
  /** Watch frames of this line that the gateway has not confirmed yet. */
  private unconfirmed = 0
  private waiting = new Set<() => void>()
  private ping: unknown = null
  private silence: unknown = null
  private retry: unknown = null
  private readonly options: LiveOptions

  constructor(options: LiveOptions) {
    this.options = options
  }

  get online(): boolean {
    return this.status.state === 'online'
  }

  start(): void {
    if (this.status.state === 'idle') this.connect()
  }

  /** Closes for good (signing out). */
  stop(): void {
    this.drop(1000)
    this.attempt = 0
    this.wasReady = false
    this.watched = []
    this.lastWords = true
    this.attended = { conversation_id: '', doing: 'viewing' }
    this.show({ state: 'idle' })
  }

  /** Tries at once instead of waiting out the pause: the network came back, or the person asked. */
  retryNow(): void {
    if (this.status.state === 'waiting') this.connect()
  }

  /** The line is dead (silence, no network): the browser may take minutes to report its end. */
  lineLost(): void {
    const socket = this.socket
    if (socket === null) return
    socket.close(SILENT)
    this.closed(socket, SILENT)
  }

  /**
   * The conversations whose transcripts are wanted, and whether it is wanted, too, what was said last in all others;
   * repeated by itself after each return.
   */
  watch(conversations: readonly string[], lastWords = true): void {
    const wanted = [...new Set(conversations)].sort()
    const same = wanted.length === this.watched.length && wanted.every((id, at) => id === this.watched[at])
    if (same && lastWords === this.lastWords) return
    this.watched = wanted
    this.lastWords = lastWords
    if (this.online) this.sendWatch()
  }

  /** What is open before the person; told again by itself after each return. */
  attend(conversation: string, doing: Doing): void {
    this.attended = { conversation_id: conversation, doing }
    if (this.online) this.send({ type: 'attend', ...this.attended })
  }

  /**
   * Resolves when the gateway tells of everything that is watched: what is fetched after that, and the frames that come
   * meanwhile, together miss nothing. Without a line there is nothing to wait for: its return fetches everything again.
   */
  watching(): Promise<void> {
    if (!this.online || this.unconfirmed === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        this.options.timers.clear(limit)
        this.waiting.delete(done)
        resolve()
      }
      const limit = this.options.timers.set(done, WATCHING_MS)
      this.waiting.add(done)
    })
  }

  private sendWatch(): void {
    this.unconfirmed += 1
    const less = this.lastWords ? {} : { last_words: false as const }
    this.send({ type: 'watch', conversation_ids: this.watched, ...less })
  }

  private confirmed(): void {
    this.unconfirmed = Math.max(0, this.unconfirmed - 1)
    if (this.unconfirmed === 0) this.waiting.forEach((done) => done())
  }

  private connect(): void {
    this.clear('retry')
    this.show({ state: 'connecting' })
    const socket = this.options.open()
    this.socket = socket
    socket.onmessage = (event) => this.received(socket, parseFrame(event.data))
    socket.onclose = (event) => this.closed(socket, event.code)
    socket.onerror = null // a close always follows
    socket.onopen = null
    this.expectFrameWithin(HELLO_MS)
  }

  private received(socket: Socket, frame: ServerFrame | null): void {
    if (socket !== this.socket) return
    this.expectFrameWithin(this.online ? SILENCE_MS : HELLO_MS)
    if (frame === null || frame.type === 'pong') return
    if (frame.type === 'hello') this.ready()
    else if (frame.type === 'watching') this.confirmed()
    else this.options.onFrame(frame)
  }

  private ready(): void {
    if (this.online) return
    const returned = this.wasReady
    this.attempt = 0
    this.wasReady = true
    this.show({ state: 'online' })
    this.expectFrameWithin(SILENCE_MS)
    this.keepAlive()
    if (this.watched.length > 0 || !this.lastWords) this.sendWatch()
    if (this.attended.conversation_id) this.send({ type: 'attend', ...this.attended })
    this.options.onReady(returned)
  }

  private closed(socket: Socket, code: number): void {
    if (socket !== this.socket) return
    this.drop(null)
    if (code === SESSION_OVER) {
      this.show({ state: 'idle' })
      this.options.onSessionOver()
      return
    }
    this.attempt += 1
    const restarting = code === RESTARTING && this.attempt === 1
    const retryInMs = restarting ? Math.round(this.options.random() * 1_000) : pauseMs(this.attempt, this.options.random())
    this.show({ state: 'waiting', attempt: this.attempt, retryInMs })
    this.retry = this.options.timers.set(() => this.connect(), retryInMs)
  }

  private keepAlive(): void {
    this.clear('ping')
    this.ping = this.options.timers.set(() => {
      this.send({ type: 'ping' })
      this.keepAlive()
    }, PING_MS)
  }

  private expectFrameWithin(ms: number): void {
    this.clear('silence')
    this.silence = this.options.timers.set(() => this.lineLost(), ms)
  }

  private send(frame: ClientFrame): void {
    this.socket?.send(JSON.stringify(frame))
  }

  private drop(code: number | null): void {
    this.clear('ping')
    this.clear('silence')
    this.clear('retry')
    this.unconfirmed = 0
    this.waiting.forEach((done) => done())
    const socket = this.socket
    this.socket = null
    if (socket === null) return
    socket.onmessage = null
    socket.onclose = null
    if (code !== null) socket.close(code)
  }

  private clear(timer: 'ping' | 'silence' | 'retry'): void {
    if (this[timer] !== null) this.options.timers.clear(this[timer])
    this[timer] = null
  }

  private show(status: LiveStatus): void {
    this.status = status
    this.options.onStatus(status)
  }
}
