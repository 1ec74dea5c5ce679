import type { Environment } from './environment';
import {
  type Agent,
  type Identity,
  isMessage,
  type Media,
  type Message,
  onWire,
  type Outgoing,
  type Page,
  type Problem,
  type Session,
} from './protocol';

const PATIENCE_MS = 15_000;

/** A request that came to nothing. Status 0: the server was not reached. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.code);
  }
}

export interface SessionRequest {
  token?: string;
  identity?: Identity;
  locale?: string;
  page?: Page;
}

export interface Slice {
  messages: Message[];
  head: number;
  more: boolean;
  state?: string;
  agent?: Agent | null;
}

/** The HTTP half of the protocol, below `{base}website/{account}`. */
export class Api {
  token = '';
  private readonly root: string;

  constructor(
    private readonly environment: Environment,
    readonly base: string,
    account: string,
  ) {
    this.root = `${base}website/${encodeURIComponent(account)}`;
  }

  get socketUrl(): string {
    return `${this.root.replace(/^http/, 'ws')}/ws`;
  }

  async session(body: SessionRequest): Promise<Session> {
    return (await this.json('/session', body)) as Session;
  }

  post(client_id: string, content: Outgoing): Promise<unknown> {
    return this.json('/messages', { client_id, content: onWire(content) });
  }

  signal(path: '/receipts' | '/typing', body: object): Promise<unknown> {
    return this.json(path, body);
  }

  /** Messages after or before a place. `wait` holds the answer until there is one, that many seconds at most. */
  async messages(
    query: { after?: number; before?: number; limit?: number; wait?: number },
    controller?: AbortController,
  ): Promise<Slice> {
    const search = Object.entries(query).map(([name, value]) => `${name}=${value}`);
    const response = await this.request(
      `/messages?${search.join('&')}`,
      {},
      (query.wait ?? 0) * 1000 + PATIENCE_MS,
      controller,
    );
    const slice = (await response.json()) as Slice;
    return { ...slice, messages: slice.messages.filter(isMessage) };
  }

  stream(after: number, controller: AbortController): Promise<Response> {
    return this.request(
      `/events?after=${after}`,
      { headers: { Accept: 'text/event-stream' } },
      PATIENCE_MS,
      controller,
    );
  }

  async upload(file: File, progress: (share: number) => void): Promise<Media> {
    let status = 0;
    let body = '';
    try {
      [status, body] = await this.environment.upload(`${this.root}/media`, this.token, file, progress);
    } catch {
      throw new Failure(0, { code: 'network', title: '' });
    }
    const answer = readJson(body);
    if (status >= 300 || !answer?.['media']) throw new Failure(status, problemOf(status, answer, null));
    return answer['media'] as Media;
  }

  private async json(path: string, body: object): Promise<unknown> {
    const response = await this.request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return readJson(await response.text());
  }

  private async request(
    path: string,
    init: RequestInit,
    patience = PATIENCE_MS,
    controller = new AbortController(),
  ): Promise<Response> {
    const { environment, token } = this;
    const timer = environment.after(patience, () => controller.abort());
    const headers = {
      ...(init.headers as Record<string, string>),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    };
    let response: Response;
    try {
      response = await environment.fetch(this.root + path, {
        ...init,
        headers,
        credentials: 'omit',
        cache: 'no-store',
        signal: controller.signal,
      });
    } catch {
      throw new Failure(0, { code: 'network', title: '' });
    } finally {
      environment.cancel(timer);
    }
    if (response.ok) return response;
    const body = await response.text().catch(() => '');
    throw new Failure(response.status, problemOf(response.status, readJson(body), response.headers.get('Retry-After')));
  }
}

function readJson(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The server's reason. Over HTTP the status says whether trying again can help. */
function problemOf(status: number, body: Record<string, unknown> | null, retryAfter: string | null): Problem {
  const seconds = Number(body?.['retry_after'] ?? retryAfter ?? 0);
  return {
    code: String(body?.['code'] ?? status),
    title: String(body?.['title'] ?? ''),
    retry: status >= 500 || status === 429 || status === 408,
    ...(seconds > 0 ? { retry_after: seconds } : {}),
  };
}
