import { describe, expect, test } from 'vitest';

import { menus } from '../src/menus';
import { timeline } from '../src/timeline';
import type { Item } from '../src/transport/outbox';
import type { Content, Message } from '../src/transport/protocol';
import { author, message, own } from './fake-server';

type Change = Partial<Message>;

const asks = (seq: number, menu_id: string, change: Change = {}, ...ids: string[]): Message =>
  message(seq, {
    content: { type: 'menu', menu_id, prompt: '?', options: (ids.length ? ids : ['x']).map((id) => ({ id, label: id })) },
    epoch: 1,
    ...change,
  });
const chose = (menu_id: string, option_id: string): Content & { type: 'choice' } => ({
  type: 'choice',
  menu_id,
  option_id,
  label: '',
});
const presses = (seq: number, menu_id: string, change: Change = {}): Message => ({
  ...own(seq, `c${seq}`, chose(menu_id, 'x')),
  epoch: 1,
  ...change,
});
const writes = (seq: number, change: Change = {}): Message => ({ ...own(seq, `c${seq}`), epoch: 1, ...change });
const says = (seq: number, change: Change = {}): Message => message(seq, { epoch: 1, ...change });
const happens = (seq: number, code: string, change: Change = {}): Message =>
  message(seq, { author: author('system'), content: { type: 'event', code, text: code }, epoch: 1, ...change });
/** As a server writes it that tells no epochs. */
const untold = ({ epoch: _, ...told }: Message): Message => told;
const item = (content: Content & { type: 'choice' }, state: Item['state'] = 'waiting'): Item => ({
  client_id: 'a',
  content,
  at: Date.UTC(2026, 0, 5, 2, 1),
  state,
  reason: '',
  attempts: 0,
  notBefore: 0,
  foreign: false,
});

describe('which option was chosen', () => {
  const cases: [name: string, messages: Message[], pending: Item[], chosen: [string, string][]][] = [
    ['none', [asks(1, 'm')], [], []],
    ['one that was answered', [asks(1, 'm'), presses(2, 'm')], [], [['m1', 'x']]],
    ['one whose answer is on its way', [asks(1, 'm')], [item(chose('m', 'x'))], [['m1', 'x']]],
    ['not one whose answer failed', [asks(1, 'm')], [item(chose('m', 'x'), 'failed')], []],
    ['not one asked again under its name', [asks(1, 'm'), presses(2, 'm'), asks(3, 'm')], [], [['m1', 'x']]],
    ['an answer to a menu that is not loaded', [presses(2, 'm')], [], []],
    [
      'one that was pressed just as the next was asked',
      [asks(1, 'clarify:1'), writes(2), asks(3, 'clarify:2'), presses(4, 'clarify:1')],
      [],
      [['m1', 'x']],
    ],
    [
      'one that was pressed after the end',
      [asks(1, 'clarify:1'), presses(2, 'clarify:1', { epoch: 3, session: 2 })],
      [],
      [['m1', 'x']],
    ],
  ];
  test.each(cases)('%s', (_name, messages, pending, chosen) => {
    expect([...menus(timeline(messages, pending)).chosen]).toEqual(chosen);
  });
});

describe('which menus are past', () => {
  const cases: [name: string, messages: Message[], past: string[]][] = [
    ['none that was just asked', [asks(1, 'clarify:1')], []],
    ['none that was answered: its choice says so', [asks(1, 'clarify:1'), presses(2, 'clarify:1'), says(3)], []],
    ['a question after which the assistant asks another', [asks(1, 'clarify:1'), writes(2), asks(3, 'clarify:2')], ['m1']],
    ['one that is asked again under its name', [asks(1, 'task:r:1:day'), asks(2, 'task:r:1:day')], ['m1']],
    ['none that is only followed by an answer', [asks(1, 'clarify:1'), writes(2), says(3)], []],
    ['none of two that were asked in one breath', [asks(1, 'guard:danger'), asks(2, 'task:r:1:day')], []],
    [
      'the other of two, once the first was answered and the next is asked',
      [asks(1, 'guard:danger'), asks(2, 'task:r:1:day'), presses(3, 'task:r:1:day'), asks(4, 'task:r:1:why')],
      ['m1'],
    ],
    ['all of the assistant once a person has them', [asks(1, 'task:r:1:day'), happens(2, 'agent_joined', { epoch: 3 })], ['m1']],
    ['all once it is over', [asks(1, 'handoff'), happens(2, 'closed', { epoch: 2 })], ['m1']],
    ['those of a server that tells no epoch stay', [untold(asks(1, 'handoff')), untold(happens(2, 'closed', { epoch: 2 }))], []],
    ['an offer while they wait stays, whatever is said', [asks(1, 'instead:2', {}, 'leave_message', 'wait'), writes(2), says(3)], []],
    [
      'none that offers more than to wait, once it became a ticket',
      [asks(1, 'instead:2', { epoch: 2 }, 'leave_message', 'wait'), says(2, { epoch: 3 })],
      [],
    ],
    [
      'what was offered, once a person came',
      [asks(1, 'instead:2', { epoch: 2 }, 'callback', 'wait'), happens(2, 'agent_joined', { epoch: 3 })],
      ['m1'],
    ],
    [
      'what was offered with a ticket, once the conversation changed hands again',
      [asks(1, 'instead:2', { epoch: 2 }, 'callback', 'wait'), says(2, { epoch: 3 }), happens(3, 'closed', { epoch: 4 })],
      ['m1'],
    ],
    [
      'what was offered, once something of it was wanted in words',
      [asks(1, 'instead:2', {}, 'callback', 'wait'), writes(2), asks(3, 'instead:2', {}, 'soonest', 'wait')],
      ['m1'],
    ],
    ['when to call, while only their place is told', [asks(1, 'instead:2', {}, 'soonest', 'wait'), says(2)], []],
    ['when to call, once it was said in words', [asks(1, 'instead:2', {}, 'soonest', 'wait'), writes(2), says(3)], ['m1']],
    ['no rating by what is asked later', [asks(1, 'rating:1'), happens(2, 'closed', { epoch: 2 }), asks(3, 'rating:ticket:t:1')], []],
    ['a rating, once they came back', [asks(1, 'rating:1'), writes(2, { session: 2, epoch: 3 })], ['m1']],
    ['no rating of a ticket when they came back', [asks(1, 'rating:ticket:t:1'), writes(2, { session: 2, epoch: 3 }), asks(3, 'clarify:1')], []],
    ['a rating of a ticket that was solved anew', [asks(1, 'rating:ticket:t:1'), asks(2, 'rating:ticket:t:2')], ['m1']],
    ['no rating by that of another ticket', [asks(1, 'rating:ticket:t:1'), asks(2, 'rating:ticket:u:1')], []],
    ['no question by a rating', [asks(1, 'clarify:1'), writes(2), asks(3, 'rating:ticket:t:1')], []],
  ];
  test.each(cases)('%s', (_name, messages, past) => {
    expect([...menus(timeline(messages, [])).past]).toEqual(past);
  });
});

describe('an option that is past by itself', () => {
  const offer = asks(1, 'instead:2', { epoch: 2 }, 'leave_message', 'callback', 'wait');
  const cases: [name: string, messages: Message[], gone: [string, string][]][] = [
    ['none while they wait', [offer, says(2, { epoch: 2 })], []],
    ['to go on waiting, once there is a ticket', [offer, says(2, { epoch: 3 })], [['m1', 'wait']]],
    ['none of what is asked with a ticket', [asks(1, 'instead:3', { epoch: 3 }, 'soonest', 'wait'), says(2, { epoch: 3 })], []],
  ];
  test.each(cases)('%s', (_name, messages, gone) => {
    expect([...menus(timeline(messages, [])).gone]).toEqual(gone);
  });
});
