/**
 * A client of the Yizhan app protocol (docs/app-protocol.md): no dependencies, for browsers and everything that has
 * WebSocket and fetch. Copy it into your app.
 *
 * It keeps one connection, comes back with backoff and jitter, catches up from its cursor, sends again what was not
 * answered (with the same client id, so that it is one message), and gets a new token before the old one ends.
 */

export interface Author { kind: 'customer' | 'bot' | 'agent' | 'system'; name: string }

export type Content =
  | { type: 'text'; text: string }
  | { type: 'choice'; menu_id: string; option_id: string; label: string }
  | { type: 'image' | 'file'; media: { id: string } }
  | { type: string; [member: string]: unknown }

export interface Message {
  seq: number
  id: string
  author: Author
  content: Content
  sent_at: string
  client_id?: string
}

export interface Problem { code: string; title: string; retry?: boolean; retry_after?: number }

export interface Conversation { head: number; state: string; agent: { name: string } | null; delivered: number; read: number; unread: number }

export interface Device {
  platform: 'apns' | 'fcm' | 'hook'
  token: string
  app_version?: string
  locale?: string
  environment?: 'production' | 'sandbox'
}

export interface Options {
  /** Where the gateway is, such as https://service.example.com */
  url: string
  account: string
  /** A token that is good now, from your own server. Called at the start, before the present one ends, and when it is refused. */
  token: () => Promise<string>
  /** The last seq that the app has kept; only later messages come. */
  after?: number
  onMessage?: (message: Message) => void
  onUnread?: (count: number) => void
  onState?: (state: string, agent: string | null) => void
  onTyping?: (author: Author) => void
  /** What became of a message: taken for good, or refused for good. */
  onAnswer?: (clientId: string, problem: Problem | null) => void
  onConnected?: (connected: boolean) => void
  /** It is over: coming back unchanged would fail again (4426: the app is too old). */
  onEnd?: (code: number) => void
  webSocket?: (url: string) => WebSocket
  random?: () => number
}

type Frame = { type: string; [member: string]: unknown }

const VERSION = 1
const FIRST_PAUSE_MS = 500
const LAST_PAUSE_MS = 30_000
const RENEW_EARLY_MS = 60_000
const SILENT_PINGS = 3
const FATAL = new Set([4400, 4403, 4404, 4413, 4426])

export class AppClient {
  private socket: WebSocket | null = null
  private ready = false
  private stopped = true
  private cursor: number
  private pause = FIRST_PAUSE_MS
  private readonly outbox = new Map<string, Content>()
  private readonly ahead = new Map<number, Message>()
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>()
  private counted = { unread: 0, head: 0 }
  private heardAt = 0

  constructor(private readonly options: Options) {
    this.cursor = options.after ?? 0
  }

  /** Connect, and stay connected until `stop`. */
  start(): void {
    if (!this.stopped) return
    this.stopped = false
    void this.connect()
  }

  stop(): void {
    this.stopped = true
    for (const timer of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
    this.socket?.close(1000)
  }

  /** The seq of the last message that was given to `onMessage`; keep it to go on from there. */
  get after(): number { return this.cursor }

  get unread(): number { return this.counted.unread }

  /** Send a message, now or when there is a connection again. Gives its client id. */
  send(content: Content, clientId: string = crypto.randomUUID()): string {
    this.outbox.set(clientId, content)
    if (this.ready && !this.timers.has('resend')) this.write({ type: 'send', client_id: clientId, content })
    return clientId
  }

  say(text: string): string { return this.send({ type: 'text', text }) }

  /** The customer has seen everything up to this message. */
  read(seq: number = this.cursor): void { this.write({ type: 'read', seq }) }

  typing(): void { this.write({ type: 'typing' }) }

  conversation(): Promise<Conversation> { return this.request<Conversation>('GET', '/conversation') }

  /** Earlier messages, oldest first. */
  async before(seq: number, limit = 50): Promise<Message[]> {
    const page = await this.request<{ messages: Message[] }>('GET', `/messages?before=${seq}&limit=${limit}`)
    return page.messages
  }

  registerDevice(id: string, device: Device): Promise<void> {
    return this.request('PUT', `/devices/${encodeURIComponent(id)}`, device)
  }

  removeDevice(id: string): Promise<void> { return this.request('DELETE', `/devices/${encodeURIComponent(id)}`) }

  /** Store a file; send it with `send({type: 'image', media: {id}})`. */
  async upload(file: Blob, name: string): Promise<{ id: string; url: string }> {
    const form = new FormData()
    form.append('file', file, name)
    const stored = await this.request<{ media: { id: string; url: string } }>('POST', '/media', form)
    return stored.media
  }

  private async request<T>(method: string, path: string, body?: object): Promise<T> {
    const headers: Record<string, string> = { 'Authorization': `Bearer ${await this.options.token()}`, 'Yizhan-Version': `${VERSION}` }
    const init: RequestInit = { method, headers }
    if (body instanceof FormData) init.body = body
    else if (body !== undefined) {
      headers['Content-Type'] = 'application/json'
      init.body = JSON.stringify(body)
    }
    const answer = await fetch(`${this.base('http')}${path}`, init)
    if (!answer.ok) throw new RequestFailed(answer.status, (await answer.json().catch(() => ({ code: 'unreadable', title: '' }))) as Problem)
    return (answer.status === 204 ? undefined : await answer.json()) as T
  }

  private base(scheme: 'http' | 'ws'): string {
    return `${this.options.url.replace(/\/$/, '').replace(/^http/, scheme)}/app/v1/${encodeURIComponent(this.options.account)}`
  }

  private async connect(): Promise<void> {
    let token: string
    try {
      token = await this.options.token()
    } catch {
      return this.later()
    }
    if (this.stopped) return
    const open = this.options.webSocket ?? ((url: string) => new WebSocket(url))
    const socket = (this.socket = open(`${this.base('ws')}/ws`))
    socket.onopen = () => this.write({ type: 'hello', token, after: this.cursor, version: VERSION })
    socket.onmessage = (event: MessageEvent) => this.take(JSON.parse(String(event.data)) as Frame, token)
    socket.onclose = (event: CloseEvent) => this.closed(socket, event.code)
  }

  private closed(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return
    if (this.ready) this.options.onConnected?.(false)
    this.socket = null
    this.ready = false
    this.ahead.clear()
    for (const name of ['resend', 'ping', 'renew']) this.cancel(name)
    if (this.stopped) return
    if (FATAL.has(code)) {
      this.stop()
      this.options.onEnd?.(code)
    } else this.later()
  }

  /** Backoff with full jitter: a gateway that restarts is not met by everybody at once. */
  private later(): void {
    const pause = this.pause * (this.options.random ?? Math.random)()
    this.pause = Math.min(2 * this.pause, LAST_PAUSE_MS)
    this.after_(pause, 'connect', () => void this.connect())
  }

  private take(frame: Frame, token: string): void {
    this.heardAt = Date.now()
    if (typeof frame['unread'] === 'number') this.count(frame['unread'], frame['head'] as number)
    switch (frame.type) {
      case 'ready': return this.welcome(frame, token)
      case 'message': return this.takeMessage(frame['message'] as Message)
      case 'accepted': return this.answered(frame['client_id'] as string, null)
      case 'refused': return this.refused(frame['client_id'] as string, frame['problem'] as Problem)
      case 'state': return this.tellState(frame)
      case 'typing': return this.options.onTyping?.(frame['author'] as Author)
      default: // a frame of a newer server
    }
  }

  private welcome(frame: Frame, token: string): void {
    this.ready = true
    this.pause = FIRST_PAUSE_MS
    const every = Number(frame['ping_seconds']) * 1000
    const ping = (): void => {
      if (Date.now() - this.heardAt > SILENT_PINGS * every) return this.socket?.close()
      this.write({ type: 'ping' })
      this.after_(every, 'ping', ping)
    }
    this.after_(every, 'ping', ping)
    this.renewBefore(token)
    this.tellState(frame)
    this.options.onConnected?.(true)
    this.resend()
  }

  /** A new token a minute before the present one ends; without one the gateway closes with 4401 and we come back. */
  private renewBefore(token: string): void {
    const ends = endOf(token)
    if (ends === null) return
    const renew = async (): Promise<void> => {
      const socket = this.socket
      try {
        const next = await this.options.token()
        if (socket !== this.socket || next === token) return
        this.write({ type: 'auth', token: next })
        this.renewBefore(next)
      } catch {
        // the connection goes on until its token ends
      }
    }
    this.after_(Math.max(0, ends - Date.now() - RENEW_EARLY_MS), 'renew', () => void renew())
  }

  private resend(): void {
    for (const [clientId, content] of this.outbox) this.write({ type: 'send', client_id: clientId, content })
  }

  private answered(clientId: string, problem: Problem | null): void {
    if (this.outbox.delete(clientId)) this.options.onAnswer?.(clientId, problem)
  }

  /** What may be sent again keeps its place: everything waits and goes out in its old order. */
  private refused(clientId: string, problem: Problem): void {
    if (problem.retry !== true) return this.answered(clientId, problem)
    if (!this.timers.has('resend')) this.after_((problem.retry_after ?? 1) * 1000, 'resend', () => this.resend())
  }

  private takeMessage(message: Message): void {
    if (message.seq <= this.cursor) return
    if (message.seq > this.cursor + 1) {
      if (this.ahead.size === 0) this.write({ type: 'resync', after: this.cursor })
      this.ahead.set(message.seq, message)
      return
    }
    let due: Message | undefined = message
    while (due !== undefined) {
      this.show(due)
      this.ahead.delete(due.seq)
      due = this.ahead.get(this.cursor + 1)
    }
    this.write({ type: 'delivered', seq: this.cursor })
  }

  private show(message: Message): void {
    this.cursor = message.seq
    if (message.author.kind === 'customer') {
      if (message.client_id !== undefined) this.answered(message.client_id, null)
    } else if (message.seq > this.counted.head) this.count(this.counted.unread + 1, this.counted.head)
    this.options.onMessage?.(message)
  }

  /** Unread as of a head; what comes after it from others is counted on. */
  private count(unread: number, head: number): void {
    const changed = unread !== this.counted.unread
    this.counted = { unread, head }
    if (changed) this.options.onUnread?.(unread)
  }

  private tellState(frame: Frame): void {
    if (typeof frame['state'] !== 'string') return
    const agent = frame['agent'] as { name: string } | null
    this.options.onState?.(frame['state'], agent?.name ?? null)
  }

  private write(frame: Frame): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame))
  }

  private after_(ms: number, name: string, what: () => void): void {
    this.cancel(name)
    this.timers.set(name, setTimeout(() => { this.timers.delete(name); what() }, ms))
  }

  private cancel(name: string): void {
    clearTimeout(this.timers.get(name))
    this.timers.delete(name)
  }
}

export class RequestFailed extends Error {
  constructor(readonly status: number, readonly problem: Problem) {
    super(`${status} ${problem.code}`)
  }
}

/** When a token ends, in milliseconds; null where it does not say. The signature is not ours to check. */
function endOf(token: string): number | null {
  try {
    const payload = token.split('.')[1] ?? ''
    const claims = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as { exp?: unknown }
    return typeof claims.exp === 'number' ? claims.exp * 1000 : null
  } catch {
    return null
  }
}
