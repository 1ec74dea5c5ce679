import { type Api, Failure } from './api';
import type { Environment } from './environment';
import { eventReader } from './events';
import { type ClientFrame, onWire, parseFrame, type ServerFrame, type ServiceState } from './protocol';

/** Why a connection ended, in words that the client acts on. */
export type End =
  'lost' | 'restarting' | 'token' | 'origin' | 'account' | 'identity' | 'rate' | 'too_big' | 'bad_frame';

export interface LinkEvents {
  frame(frame: ServerFrame): void;
  ended(end: End, retryAfter?: number): void;
}

/** One way to the server. All three speak frames, so that the client above does not care which it is. */
export interface Link {
  send(frame: ClientFrame): void;
  close(): void;
}

export type LinkKind = 'socket' | 'stream' | 'poll';

const CLOSE_CODES: Record<number, End> = {
  1012: 'restarting',
  4400: 'bad_frame',
  4401: 'token',
  4403: 'origin',
  4404: 'account',
  4413: 'too_big',
  4429: 'rate',
};

const STATUSES: Record<number, End> = { 401: 'token', 403: 'origin', 404: 'account', 429: 'rate' };

export const POLL_SECONDS = 25;
const POLL_LIMIT = 100;
const POLL_PAUSE_MS = 2_000;
/** The stream carries a comment at least every 15 s. */
const STREAM_SILENCE_MS = 45_000;

export function endOf(status: number): End {
  return STATUSES[status] ?? 'lost';
}

export function openLink(kind: LinkKind, api: Api, after: number, environment: Environment, events: LinkEvents): Link {
  if (kind === 'socket') return socketLink(api, after, environment, events);
  return kind === 'stream' ? streamLink(api, after, environment, events) : pollLink(api, after, environment, events);
}

function socketLink(api: Api, after: number, environment: Environment, events: LinkEvents): Link {
  const socket = environment.socket(api.socketUrl);
  const write = (frame: object): void => {
    try {
      socket.send(JSON.stringify(frame));
    } catch {
      // Closing already; the close event follows.
    }
  };
  socket.onopen = () => write({ type: 'hello', token: api.token, after });
  socket.onmessage = (event) => {
    const frame = typeof event.data === 'string' ? parseFrame(event.data) : null;
    if (frame) events.frame(frame);
  };
  socket.onclose = (event) => {
    silence();
    events.ended(CLOSE_CODES[event.code] ?? 'lost');
  };
  const silence = (): void => {
    socket.onopen = socket.onmessage = socket.onclose = null;
  };
  return {
    send: (frame) => write(frame.type === 'send' ? { ...frame, content: onWire(frame.content) } : frame),
    close: () => {
      silence();
      socket.close();
    },
  };
}

/** Turns frames to the server into requests, and their answers into frames. */
function sender(api: Api, live: () => boolean, events: LinkEvents, resync: (after: number) => void) {
  return (frame: ClientFrame): void => {
    if (frame.type === 'send') {
      api.post(frame.client_id, frame.content).then(
        (answer) => {
          const { message_id = '', received_at = '' } = (answer ?? {}) as Record<string, string>;
          if (live()) events.frame({ type: 'accepted', client_id: frame.client_id, message_id, received_at });
        },
        (failure: unknown) => {
          if (!live()) return;
          if (!(failure instanceof Failure) || failure.status === 0) return events.ended('lost');
          if (failure.status === 401) return events.ended('token');
          events.frame({ type: 'refused', client_id: frame.client_id, problem: failure.problem });
        },
      );
    } else if (frame.type === 'delivered' || frame.type === 'read') {
      api.signal('/receipts', { state: frame.type, seq: frame.seq }).catch(() => undefined); // the next one says more
    } else if (frame.type === 'typing') {
      api.signal('/typing', {}).catch(() => undefined); // a hint; nothing hangs on it
    } else if (frame.type === 'resync') {
      resync(frame.after);
    } else if (live()) {
      events.frame({ type: 'pong' }); // the stream's comments and the poll's answers are the sign of life
    }
  };
}

/** Fetches everything after a place and hands it on as frames. */
async function replay(api: Api, after: number, live: () => boolean, events: LinkEvents): Promise<void> {
  for (let cursor = after, more = true; more && live();) {
    const slice = await api.messages({ after: cursor, limit: POLL_LIMIT });
    if (!live()) return;
    for (const message of slice.messages) events.frame({ type: 'message', message });
    const last = slice.messages[slice.messages.length - 1];
    more = slice.more && last !== undefined;
    cursor = last?.seq ?? cursor;
  }
}

function ending(events: LinkEvents, live: () => boolean, close: () => void): (failure: unknown) => void {
  return (failure) => {
    if (!live()) return;
    close();
    const known = failure instanceof Failure ? failure : null;
    events.ended(known ? endOf(known.status) : 'lost', known?.problem.retry_after);
  };
}

function streamLink(api: Api, after: number, environment: Environment, events: LinkEvents): Link {
  const controller = new AbortController();
  let open = true;
  const live = (): boolean => open;
  const close = (): void => {
    open = false;
    controller.abort();
  };
  const fail = ending(events, live, close);
  const run = async (): Promise<void> => {
    const response = await api.stream(after, controller);
    const reader = response.body?.getReader();
    if (!reader) throw new Failure(0, { code: 'network', title: '' });
    const decoder = new TextDecoder();
    const read = eventReader(({ data }) => {
      const frame = parseFrame(data);
      if (frame && open) events.frame(frame);
    });
    let watchdog = environment.after(STREAM_SILENCE_MS, () => fail(null));
    try {
      for (let step = await reader.read(); !step.done && open; step = await reader.read()) {
        environment.cancel(watchdog);
        watchdog = environment.after(STREAM_SILENCE_MS, () => fail(null));
        read(decoder.decode(step.value, { stream: true }));
      }
    } finally {
      environment.cancel(watchdog);
    }
    throw new Failure(0, { code: 'network', title: '' });
  };
  void run().catch(fail);
  const resync = (from: number): void => void replay(api, from, live, events).catch(fail);
  return { send: sender(api, live, events, resync), close };
}

function pollLink(api: Api, after: number, environment: Environment, events: LinkEvents): Link {
  let controller = new AbortController();
  let open = true;
  const live = (): boolean => open;
  const close = (): void => {
    open = false;
    controller.abort();
  };
  const run = async (): Promise<void> => {
    let cursor = after;
    let state: string | undefined;
    for (let wait = 0; open; wait = POLL_SECONDS) {
      controller = new AbortController();
      const asked = environment.now();
      const slice = await api.messages({ after: cursor, limit: POLL_LIMIT, wait }, controller);
      if (!open) return;
      if (wait === 0) events.frame({ type: 'ready', head: slice.head });
      if (slice.state && slice.state !== state) {
        state = slice.state;
        events.frame({ type: 'state', state: slice.state as ServiceState, agent: slice.agent ?? null });
      }
      for (const message of slice.messages) {
        cursor = Math.max(cursor, message.seq);
        events.frame({ type: 'message', message });
      }
      // A proxy that answers in the server's place must not turn this into a busy loop.
      const idle = wait > 0 && slice.messages.length === 0 && environment.now() - asked < POLL_PAUSE_MS;
      if (idle) await new Promise<void>((resolve) => environment.after(POLL_PAUSE_MS, resolve));
    }
  };
  const fail = ending(events, live, close);
  void run().catch(fail);
  const resync = (from: number): void => void replay(api, from, live, events).catch(fail);
  return { send: sender(api, live, events, resync), close };
}
