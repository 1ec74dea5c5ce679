import { describe, expect, it, test } from 'vitest';

import { lastSent, type Row, timeline } from '../src/timeline';
import type { Item } from '../src/transport/outbox';
import type { Message } from '../src/transport/protocol';
import { type Action, createStore, INITIAL, reduce, type View } from '../src/view';
import { author, message, own, session } from './fake-server';

const bot = (seq: number): Message => message(seq);
const event = (seq: number): Message =>
  message(seq, { author: author('system'), content: { type: 'event', code: 'agent_joined', text: '客服已接入' } });
const transcript = (...messages: Message[]): Action => ({ type: 'transcript', messages, older: false });
const after = (...actions: Action[]): View => actions.reduce(reduce, INITIAL);

describe('what is unread', () => {
  const cases: [name: string, actions: Action[], unread: number][] = [
    ['nothing at first', [], 0],
    ['answers that were not seen', [transcript(bot(1), bot(2))], 2],
    ['not the customer’s own messages', [transcript(own(1, 'a'), bot(2))], 1],
    ['not lines about what happened', [transcript(event(1), bot(2))], 1],
    ['not what was read before it came', [{ type: 'read', seq: 1 }, transcript(bot(1), bot(2))], 1],
    ['nothing once all was read', [transcript(bot(1), bot(2)), { type: 'read', seq: 2 }], 0],
  ];
  test.each(cases)('%s', (_name, actions, unread) => {
    expect(after(...actions).unread).toBe(unread);
  });
});

describe('the newest message beside the launcher', () => {
  const fresh = (...messages: Message[]): Action => ({ type: 'fresh', messages });
  const cases: [name: string, actions: Action[], seq: number | undefined][] = [
    ['appears when one arrives while the panel is closed', [fresh(bot(1), bot(2))], 2],
    ['is never an own message', [fresh(bot(1), own(2, 'a'))], 1],
    ['does not appear over an open panel', [{ type: 'open', open: true }, fresh(bot(1))], undefined],
    ['goes when the panel opens', [fresh(bot(1)), { type: 'open', open: true }], undefined],
    ['goes when it is dismissed', [fresh(bot(1)), { type: 'teaser_closed' }], undefined],
    ['goes when it was read in another tab', [fresh(bot(1)), { type: 'read', seq: 1 }], undefined],
  ];
  test.each(cases)('%s', (_name, actions, seq) => {
    expect(after(...actions).teaser?.seq).toBe(seq);
  });
});

describe('the rest of the view', () => {
  const cases: [name: string, actions: Action[], expected: Partial<View>][] = [
    [
      'who serves',
      [{ type: 'service', state: 'assigned', agent: { name: '小林' } }],
      { service: 'assigned', agent: { name: '小林' } },
    ],
    [
      'nobody types on a lost connection',
      [
        { type: 'typing', author: author('agent', '小林') },
        { type: 'connection', connection: 'offline' },
      ],
      { typing: null, connection: 'offline' },
    ],
    [
      'limits of the server',
      [{ type: 'session', session: session() as never }],
      { limits: { text_chars: 4000, file_bytes: 20_000_000, image_bytes: 10_000_000, sends_per_minute: 30 } },
    ],
    ['older messages exist', [{ type: 'transcript', messages: [bot(9)], older: true }], { older: true }],
    ['a refused identity changes nothing', [{ type: 'identity_refused' }], {}],
  ];
  test.each(cases)('%s', (_name, actions, expected) => {
    expect(after(...actions)).toMatchObject(expected);
  });

  it('tells listeners what changed, and only then', () => {
    const store = createStore();
    const seen: number[] = [];
    const stop = store.subscribe((view, before) => seen.push(view.unread - before.unread));
    store.dispatch(transcript(bot(1)));
    store.dispatch({ type: 'identity_refused' });
    stop();
    store.dispatch(transcript(bot(1), bot(2)));
    expect(seen).toEqual([1]);
  });
});

const item = (client_id: string, change: Partial<Item> = {}): Item => ({
  client_id,
  content: { type: 'text', text: client_id },
  at: Date.UTC(2026, 0, 5, 2, 1),
  state: 'waiting',
  reason: '',
  attempts: 0,
  notBefore: 0,
  foreign: false,
  ...change,
});
const sketch = (rows: Row[]): string[] =>
  rows.map((row) => {
    if (row.kind === 'line')
      return `${row.line.key}:${row.line.delivery}${row.line.first ? ' first' : ''}${row.line.last ? ' last' : ''}`;
    return row.kind === 'time' ? 'time' : `event ${row.text}`;
  });
const at = (seq: number, minute: number, change: Partial<Message> = {}): Message =>
  message(seq, { sent_at: new Date(Date.UTC(2026, 0, 5, 2, minute)).toISOString(), ...change });

describe('rows of the transcript', () => {
  const cases: [name: string, messages: Message[], pending: Item[], rows: string[]][] = [
    ['empty', [], [], []],
    ['a time before the first', [at(1, 0)], [], ['time', 'm1:placed first last']],
    [
      'a run of one author',
      [at(1, 0), at(2, 0), at(3, 1)],
      [],
      ['time', 'm1:placed first', 'm2:placed', 'm3:placed last'],
    ],
    [
      'another author ends the run',
      [at(1, 0), at(2, 0, { author: author('agent', '小林') })],
      [],
      ['time', 'm1:placed first last', 'm2:placed first last'],
    ],
    ['a pause gets a time', [at(1, 0), at(2, 6)], [], ['time', 'm1:placed first last', 'time', 'm2:placed first last']],
    [
      'an event stands between',
      [at(1, 0), { ...event(2), sent_at: at(2, 0).sent_at }, at(3, 0)],
      [],
      ['time', 'm1:placed first last', 'event 客服已接入', 'm3:placed first last'],
    ],
    [
      'what has no place yet comes last, in the order of writing',
      [at(1, 0)],
      [item('a'), item('b', { state: 'failed' }), item('c', { state: 'accepted' })],
      ['time', 'm1:placed first last', 'a:sending first', 'b:failed', 'c:sent last'],
    ],
    [
      'a message that got its place is not shown twice',
      [own(1, 'a')],
      [item('a', { state: 'accepted' })],
      ['time', 'a:placed first last'],
    ],
    ['a clock that is wrong breaks nothing', [message(1, { sent_at: 'never' })], [], ['m1:placed first last']],
  ];
  test.each(cases)('%s', (_name, messages, pending, rows) => {
    expect(sketch(timeline(messages, pending))).toEqual(rows);
  });

  const marks: [name: string, messages: Message[], pending: Item[], key: string][] = [
    ['none without own messages', [bot(1)], [], ''],
    ['the last that is placed', [own(1, 'a'), own(2, 'b')], [], 'b'],
    ['none once there is an answer', [own(1, 'a'), bot(2)], [], ''],
    ['still there after an event', [own(1, 'a'), event(2)], [], 'a'],
    ['the last that was accepted', [own(1, 'a')], [item('b', { state: 'accepted' })], 'b'],
    ['not one that waits or failed', [own(1, 'a')], [item('b'), item('c', { state: 'failed' })], 'a'],
  ];
  test.each(marks)('the word “sent” is on: %s', (_name, messages, pending, key) => {
    expect(lastSent(timeline(messages, pending))).toBe(key);
  });
});
