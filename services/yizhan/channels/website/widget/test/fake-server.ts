import { vi } from 'vitest';

import { Api } from '../src/transport/api';
import { Client, type Update } from '../src/transport/client';
import type { Environment, SocketLike } from '../src/transport/environment';
import { type Keeper, MemoryKeeper } from '../src/transport/keeper';
import type { Author, Content, Message } from '../src/transport/protocol';

export interface Sent {
  type: string;
  client_id?: string;
  content?: unknown;
  after?: number;
  seq?: number;
  token?: string;
}

export class FakeSocket implements SocketLike {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  sent: Sent[] = [];
  closed = false;

  constructor(readonly url: string) {}

  send(data: string): void {
    if (this.closed) throw new Error('closed');
    this.sent.push(JSON.parse(data) as Sent);
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.onopen?.({} as Event);
  }

  frame(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) } as MessageEvent);
  }

  break(code = 1006): void {
    this.closed = true;
    this.onclose?.({ code } as CloseEvent);
  }

  of(type: string): Sent[] {
    return this.sent.filter((frame) => frame.type === type);
  }
}

export const message = (seq: number, change: Partial<Message> = {}): Message => ({
  seq,
  id: `m${seq}`,
  author: { kind: 'bot', name: '' },
  content: { type: 'text', text: `text ${seq}` },
  sent_at: new Date(Date.UTC(2026, 0, 5, 2, 0, seq)).toISOString(),
  session: 1,
  ...change,
});

export const own = (seq: number, client_id: string, content: Content = { type: 'text', text: client_id }): Message =>
  message(seq, { client_id, content, author: { kind: 'customer', name: '' } });

export const author = (kind: Author['kind'], name = ''): Author => ({ kind, name });

export interface Call {
  method: string;
  path: string;
  body: Record<string, unknown> | null;
  token: string | null;
  signal: AbortSignal | null | undefined;
}

export type Answer = { status?: number; json?: unknown; body?: ReadableStream<Uint8Array> } | 'unreachable' | 'never';

export const session = (change: Record<string, unknown> = {}): object => ({
  token: 'token-1',
  visitor_id: 'v:one',
  head: 0,
  expires_at: '2026-02-05T00:00:00.000Z',
  account: { name: '清和家电', locale: 'zh-CN', color: '' },
  limits: { text_chars: 4000, file_bytes: 20_000_000, image_bytes: 10_000_000, sends_per_minute: 30 },
  ...change,
});

/** A scripted server and a client in front of it. Time stands still until `pass` moves it. */
export class Stage {
  sockets: FakeSocket[] = [];
  calls: Call[] = [];
  updates: Update[] = [];
  routes: Record<string, (call: Call) => Answer> = { 'POST /session': () => ({ json: session() }) };
  online = true;
  chance = 0.5;
  socketsAllowed = true;
  uploads: Answer[] = [];
  readonly environment: Environment;
  readonly api: Api;
  readonly client: Client;
  private ids = 0;

  constructor(readonly keeper: Keeper = new MemoryKeeper()) {
    this.environment = {
      socket: (url) => {
        if (!this.socketsAllowed) throw new Error('SecurityError');
        const socket = new FakeSocket(url);
        this.sockets.push(socket);
        return socket;
      },
      fetch: (url, init) => this.answer(url, init ?? {}),
      upload: async (_url, _token, _file, progress) => {
        progress(0.5);
        const answer = this.uploads.shift() ?? { status: 500, json: {} };
        if (typeof answer === 'string') throw new Error(answer);
        return [answer.status ?? 201, JSON.stringify(answer.json)];
      },
      after: (ms, run) => setTimeout(run, ms),
      cancel: (timer) => clearTimeout(timer),
      now: () => Date.now(),
      random: () => this.chance,
      newId: () => `c${(this.ids += 1)}`,
      online: () => this.online,
      exclusive: (_name, run) => run(),
    };
    this.api = new Api(this.environment, 'https://chat.example/', 'demo');
    this.client = new Client(
      this.api,
      this.environment,
      keeper,
      { locale: 'zh-CN', page: { url: 'https://shop.example/', title: 'Shop' }, identity: null },
      (update) => this.updates.push(update),
    );
  }

  get socket(): FakeSocket {
    const socket = this.sockets[this.sockets.length - 1];
    if (!socket) throw new Error('no WebSocket was opened');
    return socket;
  }

  /** Starts and gets as far as `ready`. */
  async connect(head = 0, state: Record<string, unknown> = {}): Promise<FakeSocket> {
    this.client.start();
    await this.pass(0);
    return this.ready(head, state);
  }

  async ready(head = 0, state: Record<string, unknown> = {}): Promise<FakeSocket> {
    this.socket.open();
    this.socket.frame({ type: 'ready', head, state: 'bot', agent: null, ping_seconds: 25, ...state });
    await this.pass(0);
    return this.socket;
  }

  async pass(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms);
  }

  say(text: string): string {
    return this.client.send({ type: 'text', text });
  }

  transcript(): number[] {
    return this.last('transcript')?.messages.map((one) => one.seq) ?? [];
  }

  pending(): string[] {
    return this.client.outbox
      .list()
      .map((item) => `${item.client_id} ${item.state}${item.reason ? ` ${item.reason}` : ''}`);
  }

  connection(): string {
    return this.last('connection')?.connection ?? 'idle';
  }

  last<T extends Update['type']>(type: T): Extract<Update, { type: T }> | undefined {
    const found = this.updates.filter((update): update is Extract<Update, { type: T }> => update.type === type);
    return found[found.length - 1];
  }

  paths(prefix: string): Call[] {
    return this.calls.filter((call) => `${call.method} ${call.path}`.startsWith(prefix));
  }

  private async answer(url: string, init: RequestInit): Promise<Response> {
    const path = url.replace('https://chat.example/website/demo', '');
    const call: Call = {
      method: init.method ?? 'GET',
      path,
      body: init.body ? (JSON.parse(init.body as string) as Record<string, unknown>) : null,
      token: new Headers(init.headers).get('Authorization'),
      signal: init.signal,
    };
    this.calls.push(call);
    const key = Object.keys(this.routes)
      .filter((route) => `${call.method} ${path}`.startsWith(route))
      .sort((a, b) => b.length - a.length)[0];
    const answer = key ? this.routes[key]?.(call) : undefined;
    if (answer === undefined || answer === 'unreachable') throw new TypeError('Failed to fetch');
    if (answer === 'never') {
      return new Promise((_resolve, reject) => {
        init.signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
    }
    const status = answer.status ?? 200;
    return new Response(answer.body ?? JSON.stringify(answer.json ?? {}), { status });
  }
}

/** A server-sent event stream that the test writes. */
export function stream(): { body: ReadableStream<Uint8Array>; write(text: string): void; end(): void } {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (one) => void (controller = one) });
  return {
    body,
    write: (text) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
  };
}
