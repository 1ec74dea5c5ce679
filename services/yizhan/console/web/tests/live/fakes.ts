import type { Socket, Timers } from '@/live/connection'
import type { AuthorKind, Conversation, Message } from '@/api/types'

/** Timers that run only when a test lets time pass. */
export class FakeTimers implements Timers {
  now = 0
  private next = 1
  private due = new Map<number, { at: number; run: () => void }>()

  set(run: () => void, ms: number): unknown {
    const id = this.next++
    this.due.set(id, { at: this.now + ms, run })
    return id
  }

  clear(timer: unknown): void {
    this.due.delete(timer as number)
  }

  pass(ms: number): void {
    const until = this.now + ms
    for (;;) {
      const first = [...this.due.entries()].filter(([, t]) => t.at <= until).sort((a, b) => a[1].at - b[1].at)[0]
      if (!first) break
      this.due.delete(first[0])
      this.now = first[1].at
      first[1].run()
    }
    this.now = until
  }

  get count(): number {
    return this.due.size
  }
}

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  onerror: (() => void) | null = null
  sent: { type: string; conversation_ids?: string[] }[] = []
  closedWith: number | null = null
  /** A gateway that takes its time says "watching" only when a test has it say so. */
  slow = false

  send(data: string): void {
    const frame = JSON.parse(data)
    this.sent.push(frame)
    if (frame.type === 'watch' && !this.slow) queueMicrotask(() => this.says({ type: 'watching' }))
  }

  close(code = 1000): void {
    this.closedWith = code
  }

  says(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }

  breaks(code = 1006): void {
    this.onclose?.({ code })
  }
}

export function message(seq: number, kind: AuthorKind = 'customer', change: Partial<Message> = {}): Message {
  return {
    seq,
    id: `m${seq}`,
    author: { kind, name: kind },
    content: { type: 'text', text: `words ${seq}` },
    sent_at: new Date(Date.UTC(2026, 10, 22, 9, 0, seq)).toISOString(),
    session: 1,
    ...change,
  }
}

export function conversation(id: string, change: Partial<Conversation> = {}): Conversation {
  return {
    id,
    channel: 'website',
    account: 'main',
    customer: {
      id: `v:${id}`,
      name: `Customer ${id}`,
      verified: false,
      locale: 'zh-CN',
      page_url: '',
      page_title: '',
      first_seen_at: null,
    },
    state: 'bot',
    epoch: 1,
    session: 1,
    agent: null,
    last_seq: 3,
    last_text: 'words',
    last_author: 'customer',
    last_message_at: '2026-11-22T09:00:00.000Z',
    opened_at: '2026-11-22T08:00:00.000Z',
    rating: null,
    handoff: null,
    delivered_seq: 0,
    read_seq: 0,
    ...change,
  }
}
