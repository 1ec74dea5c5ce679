import type { Item } from './transport/outbox';
import type { Author, Content, Message } from './transport/protocol';

export type Delivery = 'placed' | 'sent' | 'sending' | 'failed';

export interface Line {
  /** Stays the same when a pending message gets its place, so that the screen does not flicker. */
  key: string;
  seq: number;
  author: Author;
  content: Content;
  at: number;
  delivery: Delivery;
  reason: string;
  /** 0 for what has no place yet, and from a server that does not tell. */
  session: number;
  epoch: number;
  /** First and last of a run by the same author: where the name and the corner go. */
  first: boolean;
  last: boolean;
}

export type Row =
  | { kind: 'time'; key: string; at: number }
  | { kind: 'event'; key: string; seq: number; text: string; session: number; epoch: number }
  | { kind: 'line'; line: Line };

/** A pause this long gets the time of day. */
const PAUSE_MS = 5 * 60_000;

const CUSTOMER: Author = { kind: 'customer', name: '' };

function ofMessage(message: Message): Line {
  return {
    key: message.client_id ?? message.id,
    seq: message.seq,
    author: message.author,
    content: message.content,
    at: Date.parse(message.sent_at),
    delivery: 'placed',
    reason: '',
    session: message.session,
    epoch: message.epoch ?? 0,
    first: true,
    last: true,
  };
}

function ofItem(item: Item): Line {
  return {
    key: item.client_id,
    seq: 0,
    author: CUSTOMER,
    content: item.content,
    at: item.at,
    delivery: item.state === 'accepted' ? 'sent' : item.state === 'failed' ? 'failed' : 'sending',
    reason: item.reason,
    session: 0,
    epoch: 0,
    first: true,
    last: true,
  };
}

const sameRun = (a: Line, b: Line): boolean =>
  a.author.kind === b.author.kind && a.author.name === b.author.name && Math.abs(b.at - a.at) < PAUSE_MS;

/** The transcript as rows: the server's order first, what has no place yet at the end, times where pauses were. */
export function timeline(messages: readonly Message[], pending: readonly Item[]): Row[] {
  const placed = new Set(messages.map((message) => message.client_id));
  const lines = [...messages.map(ofMessage), ...pending.filter((item) => !placed.has(item.client_id)).map(ofItem)];
  const rows: Row[] = [];
  let before: Line | null = null;
  let timed = -Infinity;
  for (const line of lines) {
    if (line.at - timed >= PAUSE_MS) {
      rows.push({ kind: 'time', key: `time-${line.key}`, at: line.at });
      if (before) before.last = true;
      before = null;
    }
    timed = Math.max(timed, line.at);
    if (line.content.type === 'event') {
      const { key, seq, session, epoch } = line;
      rows.push({ kind: 'event', key, seq, text: line.content.text, session, epoch });
      before = null;
      continue;
    }
    if (before && sameRun(before, line)) {
      before.last = false;
      line.first = false;
    }
    rows.push({ kind: 'line', line });
    before = line;
  }
  return rows;
}

/** The customer's message that carries the word "sent": the last one that the server has, until it is answered. */
export function lastSent(rows: readonly Row[]): string {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const row = rows[index];
    if (row?.kind !== 'line') continue;
    if (row.line.author.kind !== 'customer') return '';
    if (row.line.delivery === 'sent' || row.line.delivery === 'placed') return row.line.key;
  }
  return '';
}
