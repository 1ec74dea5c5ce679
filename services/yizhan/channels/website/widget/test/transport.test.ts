import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';

import { backoff, LONGEST_MS, SHORTEST_MS } from '../src/transport/backoff';
import { eventReader, type StreamEvent } from '../src/transport/events';
import { MemoryKeeper } from '../src/transport/keeper';
import { STALE_MS } from '../src/transport/outbox';
import { Sequence } from '../src/transport/sequence';
import { author, message, own, session, Stage, stream } from './fake-server';

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(new Date('2026-01-05T02:00:00Z'));
});
afterEach(() => vi.useRealTimers());

const accepted = (client_id: string): object => ({
  type: 'accepted',
  client_id,
  message_id: `m-${client_id}`,
  received_at: '2026-01-05T02:00:00.000Z',
});
const refused = (client_id: string, problem: object): object => ({ type: 'refused', client_id, problem });
const frame = (one: object): object => ({ type: 'message', message: one });
const texts = (stage: Stage): string[] =>
  stage.socket.of('send').map((sent) => (sent.content as { text: string }).text);

describe('order of the transcript, whatever the order of arrival', () => {
  const cases: [name: string, arrivals: number[], shown: number[], gap: boolean][] = [
    ['in order', [1, 2, 3], [1, 2, 3], false],
    ['duplicated frames', [1, 1, 2, 2, 1, 3], [1, 2, 3], false],
    ['swapped neighbours', [2, 1, 3], [1, 2, 3], false],
    ['fully reversed', [4, 3, 2, 1], [1, 2, 3, 4], false],
    ['a hole keeps later messages back', [1, 3, 4], [1], true],
    ['a filled hole releases them at once', [1, 3, 4, 2], [1, 2, 3, 4], false],
    ['two holes', [1, 3, 5, 2], [1, 2, 3], true],
  ];
  test.each(cases)('%s', (_name, arrivals, shown, gap) => {
    const sequence = new Sequence();
    for (const seq of arrivals) sequence.add(message(seq));
    expect(sequence.list().map((one) => one.seq)).toEqual(shown);
    expect(sequence.gap).toBe(gap);
  });

  it('joins older messages only where there is no hole between', () => {
    const sequence = new Sequence(10);
    sequence.add(message(11));
    sequence.prepend([message(7), message(9), message(10)]);
    expect(sequence.list().map((one) => one.seq)).toEqual([9, 10, 11]);
    expect(sequence.floor).toBe(8);
  });

  it('takes a message again for the fresh addresses of its files', () => {
    const sequence = new Sequence();
    sequence.add(message(1));
    sequence.add(message(1, { id: 'again' }));
    expect(sequence.list().map((one) => one.id)).toEqual(['again']);
  });
});

describe('waits between attempts', () => {
  const cases: [attempt: number, shortest: number, longest: number][] = [
    [1, 1000, 2000],
    [2, 2000, 4000],
    [3, 4000, 8000],
    [4, 8000, 16_000],
    [5, 15_000, 30_000],
    [50, 15_000, 30_000],
  ];
  test.each(cases)('attempt %i waits between %i and %i ms', (attempt, shortest, longest) => {
    expect(backoff(attempt, () => 0)).toBe(shortest);
    expect(backoff(attempt, () => 1)).toBe(longest);
    expect(backoff(attempt, () => 0)).toBeGreaterThanOrEqual(SHORTEST_MS);
    expect(backoff(attempt, () => 1)).toBeLessThanOrEqual(LONGEST_MS);
  });
});

describe('server-sent events in pieces', () => {
  const cases: [name: string, pieces: string[], events: StreamEvent[]][] = [
    ['one event', ['data: {"a":1}\n\n'], [{ event: '', data: '{"a":1}' }]],
    ['cut anywhere', ['da', 'ta: {"a"', ':1}\n', '\n'], [{ event: '', data: '{"a":1}' }]],
    ['windows line ends cut in the middle', ['data: x\r', '\n\r', '\n'], [{ event: '', data: 'x' }]],
    ['several lines of data', ['data: a\ndata: b\n\n'], [{ event: '', data: 'a\nb' }]],
    [
      'comments and ids are not data',
      [': alive\n\nid: 3\nevent: message\ndata: y\n\n'],
      [{ event: 'message', data: 'y' }],
    ],
    ['an event without data says nothing', ['event: ping\n\n'], []],
  ];
  test.each(cases)('%s', (_name, pieces, events) => {
    const seen: StreamEvent[] = [];
    const read = eventReader((event) => seen.push(event));
    pieces.forEach(read);
    expect(seen).toEqual(events);
  });
});

describe('first connection', () => {
  it('opens a session, then says hello from the recent past, not from the beginning of time', async () => {
    const stage = new Stage();
    stage.routes['POST /session'] = () => ({ json: session({ head: 500 }) });
    const socket = await stage.connect(500);
    expect(stage.paths('POST /session')[0]?.body).toEqual({
      locale: 'zh-CN',
      page: { url: 'https://shop.example/', title: 'Shop' },
    });
    expect(socket.url).toBe('wss://chat.example/website/demo/ws');
    expect(socket.sent[0]).toEqual({ type: 'hello', token: 'token-1', after: 460 });
    expect(stage.connection()).toBe('online');
  });

  it('comes back under the remembered token', async () => {
    const keeper = new MemoryKeeper();
    const first = new Stage(keeper);
    await first.connect();
    const second = new Stage(keeper);
    expect(second.client.known).toBe(true);
    await second.connect();
    expect(second.paths('POST /session')[0]?.body).toMatchObject({ token: 'token-1' });
  });

  it('starts anew when the server no longer knows the token', async () => {
    const stage = new Stage();
    stage.keeper.write('token', JSON.stringify({ token: 'old', visitor: 'v:old' }));
    stage.routes['POST /session'] = ({ body }) =>
      body?.['token'] ? { status: 401, json: { code: 'token_invalid' } } : { json: session({ token: 'token-2' }) };
    const socket = await stage.connect();
    expect(socket.sent[0]?.token).toBe('token-2');
  });

  it('goes on without an identity that is refused, and says so', async () => {
    const stage = new Stage();
    stage.routes['POST /session'] = ({ body }) =>
      body?.['identity'] ? { status: 401, json: { code: 'identity_invalid' } } : { json: session() };
    stage.client.identify({ jwt: 'expired' });
    await stage.connect();
    expect(stage.connection()).toBe('online');
    expect(stage.last('identity_refused')).toBeTruthy();
  });

  const final: [name: string, status: number][] = [
    ['an origin that is not allowed', 403],
    ['an account that does not exist', 404],
  ];
  test.each(final)('%s is said once and not tried for ever', async (_name, status) => {
    const stage = new Stage();
    stage.routes['POST /session'] = () => ({ status, json: { code: 'no' } });
    stage.client.start();
    await stage.pass(120_000);
    stage.say('a');
    expect(stage.connection()).toBe('refused');
    expect(stage.pending()).toEqual(['c1 failed unavailable']);
    expect(stage.paths('POST /session')).toHaveLength(1);
  });

  it('waits as long as a busy server asks', async () => {
    const stage = new Stage();
    stage.routes['POST /session'] = () => ({ status: 429, json: { code: 'rate_limited', retry_after: 20 } });
    stage.client.start();
    await stage.pass(19_000);
    expect(stage.paths('POST /session')).toHaveLength(1);
    await stage.pass(2_000);
    expect(stage.paths('POST /session')).toHaveLength(2);
  });
});

describe('sending', () => {
  it('keeps a message until the server has it, and the transcript holds it once', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.say('你好');
    expect(socket.of('send')).toEqual([{ type: 'send', client_id: 'c1', content: { type: 'text', text: '你好' } }]);
    expect(stage.pending()).toEqual(['c1 waiting']);
    expect(stage.keeper.keys('out:')).toEqual(['out:c1']);
    socket.frame(accepted('c1'));
    expect(stage.pending()).toEqual(['c1 accepted']);
    expect(stage.keeper.keys('out:')).toEqual([]);
    socket.frame(frame(own(1, 'c1')));
    expect(stage.pending()).toEqual([]);
    expect(stage.transcript()).toEqual([1]);
  });

  it('sends a file by its id only', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    const media = { id: 'f1', mime: 'image/png', name: 'a.png', size: 3, width: 1, height: 1, url: '/media/f1' };
    stage.client.send({ type: 'image', media });
    expect(socket.of('send')[0]?.content).toEqual({ type: 'image', media: { id: 'f1' } });
  });

  it('sends one at a time, so that the order survives everything', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    ['a', 'b', 'c'].forEach((text) => stage.say(text));
    expect(texts(stage)).toEqual(['a']);
    socket.frame(accepted('c1'));
    socket.frame(accepted('c2'));
    expect(texts(stage)).toEqual(['a', 'b', 'c']);
  });

  it('what was written before the connection goes out in order once there is one', async () => {
    const stage = new Stage();
    stage.say('a');
    stage.say('b');
    await stage.pass(0);
    await stage.ready();
    stage.socket.frame(accepted('c1'));
    expect(texts(stage)).toEqual(['a', 'b']);
  });

  it('lost acknowledgement: the same message goes out again under the same id, and counts once', async () => {
    const stage = new Stage();
    const first = await stage.connect();
    stage.say('a');
    stage.say('b');
    first.break();
    await stage.pass(2_000);
    const second = await stage.ready(1);
    second.frame(frame(own(1, 'c1')));
    expect(second.of('send').map((sent) => sent.client_id)).toEqual(['c1', 'c2']);
    second.frame(accepted('c1'));
    second.frame(accepted('c2'));
    second.frame(frame(own(2, 'c2')));
    expect(stage.transcript()).toEqual([1, 2]);
    expect(stage.pending()).toEqual([]);
  });

  it('acknowledged but unseen: asks for the place of the message', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.say('a');
    socket.frame(accepted('c1'));
    await stage.pass(5_000);
    expect(socket.of('resync')).toEqual([{ type: 'resync', after: 0 }]);
    await stage.pass(60_000);
    expect(socket.of('resync')).toHaveLength(3);
  });

  it('a server that never acknowledges is left for a new connection, and in the end the message has failed', async () => {
    const stage = new Stage();
    await stage.connect();
    stage.say('a');
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await stage.pass(12_000);
      await stage.pass(1_500);
      await stage.ready();
    }
    expect(stage.pending()).toEqual(['c1 failed timeout']);
    expect(new Set(stage.sockets.flatMap((socket) => socket.of('send').map((sent) => sent.client_id)))).toEqual(
      new Set(['c1']),
    );
  });

  it('refused for good: failed with the reason, and the next one still goes', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.say('a');
    stage.say('b');
    socket.frame(refused('c1', { code: 'too_long', title: '', retry: false }));
    expect(stage.pending()).toEqual(['c1 failed too_long', 'c2 waiting']);
    expect(texts(stage)).toEqual(['a', 'b']);
  });

  it('refused for now: waits as told and keeps its place before later messages', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.say('a');
    stage.say('b');
    socket.frame(refused('c1', { code: 'rate_limited', title: '', retry: true, retry_after: 3 }));
    await stage.pass(2_900);
    expect(texts(stage)).toEqual(['a']);
    await stage.pass(200);
    expect(texts(stage)).toEqual(['a', 'a']);
    socket.frame(accepted('c1'));
    expect(texts(stage)).toEqual(['a', 'a', 'b']);
  });

  it('a failed message can be sent again by hand, under the same id', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.say('a');
    socket.frame(refused('c1', { code: 'refused', title: '', retry: false }));
    stage.client.retry('c1');
    expect(socket.of('send').map((sent) => sent.client_id)).toEqual(['c1', 'c1']);
    socket.frame(accepted('c1'));
    expect(stage.pending()).toEqual(['c1 accepted']);
  });

  it('a message that the server cannot even read does not block the others for ever', async () => {
    const stage = new Stage();
    await stage.connect();
    stage.say('a');
    stage.socket.break(4413);
    expect(stage.pending()).toEqual(['c1 failed too_long']);
    await stage.pass(2_000);
    await stage.ready();
    stage.say('b');
    expect(texts(stage)).toEqual(['b']);
  });

  it('unsent messages survive a reload; old ones wait for a decision', async () => {
    const keeper = new MemoryKeeper();
    const before = new Stage(keeper);
    before.routes['POST /session'] = () => 'unreachable';
    before.say('fresh');
    keeper.write('out:old', JSON.stringify({ content: { type: 'text', text: 'old' }, at: Date.now() - STALE_MS - 1 }));
    keeper.write('out:broken', '{');
    before.client.stop();
    const stage = new Stage(keeper);
    await stage.connect();
    expect(stage.pending()).toEqual(['old failed stale', 'c1 waiting']);
    expect(texts(stage)).toEqual(['fresh']);
  });
});

describe('coming back', () => {
  it('resumes after the last message held', async () => {
    const stage = new Stage();
    const first = await stage.connect(2);
    first.frame(frame(message(1)));
    first.frame(frame(message(2)));
    first.break();
    expect(stage.connection()).toBe('offline');
    await stage.pass(2_000);
    stage.socket.open();
    expect(stage.socket.sent[0]).toMatchObject({ type: 'hello', after: 2 });
    expect(stage.paths('POST /session')).toHaveLength(1);
  });

  it('asks for what a gap hides, shows nothing out of order, and reconnects when asking is in vain', async () => {
    const stage = new Stage();
    const socket = await stage.connect(1);
    socket.frame(frame(message(1)));
    socket.frame(frame(message(3)));
    expect(stage.transcript()).toEqual([1]);
    expect(socket.of('resync')).toEqual([{ type: 'resync', after: 1 }]);
    await stage.pass(3_000);
    expect(socket.of('resync')).toHaveLength(2);
    await stage.pass(6_000);
    expect(socket.closed).toBe(true);
    await stage.pass(2_000);
    const second = await stage.ready(3);
    expect(second.sent[0]).toMatchObject({ after: 1 });
    second.frame(frame(message(2)));
    expect(stage.transcript()).toEqual([1, 2, 3]);
  });

  it('a filled gap is forgotten', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    socket.frame(frame(message(2)));
    socket.frame(frame(message(1)));
    await stage.pass(20_000);
    expect(socket.of('resync')).toHaveLength(1);
    expect(socket.closed).toBe(false);
  });

  it('the browser says online: connects at once instead of waiting out the backoff', async () => {
    const stage = new Stage();
    await stage.connect();
    stage.online = false;
    for (let round = 0; round < 6; round += 1) {
      stage.socket.break();
      await stage.pass(30_000);
    }
    stage.socket.break();
    const tries = stage.sockets.length;
    stage.online = true;
    stage.client.wake();
    await stage.pass(0);
    expect(stage.sockets.length).toBe(tries + 1);
    await stage.ready();
    expect(stage.connection()).toBe('online');
  });

  it('after sleep a silent connection is found dead within seconds', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.client.wake();
    expect(socket.of('ping')).toHaveLength(1);
    expect(socket.of('resync')).toHaveLength(1);
    await stage.pass(5_000);
    expect(socket.closed).toBe(true);
  });

  it('after sleep a connection that answers is kept', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.client.wake();
    socket.frame({ type: 'pong' });
    await stage.pass(6_000);
    expect(socket.closed).toBe(false);
  });

  it('a connection that died without saying so is noticed by its ping', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    await stage.pass(25_000);
    expect(socket.of('ping')).toHaveLength(1);
    await stage.pass(9_000);
    expect(socket.closed).toBe(false);
    await stage.pass(1_000);
    expect(socket.closed).toBe(true);
  });

  it('a socket that never gets ready is given up', async () => {
    const stage = new Stage();
    stage.client.start();
    await stage.pass(0);
    stage.socket.open();
    await stage.pass(10_000);
    expect(stage.sockets[0]?.closed).toBe(true);
    await stage.pass(2_000);
    expect(stage.sockets).toHaveLength(2);
  });

  it('a history that the server lost is not kept against it', async () => {
    const stage = new Stage();
    const socket = await stage.connect(3);
    [1, 2, 3].forEach((seq) => socket.frame(frame(message(seq))));
    socket.break(1012);
    await stage.pass(1_000);
    const second = await stage.ready(1);
    expect(second.of('resync')).toEqual([{ type: 'resync', after: 0 }]);
    second.frame(frame(message(1)));
    expect(stage.transcript()).toEqual([1]);
  });

  const codes: [code: number, name: string, connection: string, within: number, sessions: number][] = [
    [1006, 'a lost connection', 'offline', 2_000, 1],
    [1012, 'a restart, at once with a little spread', 'connecting', 1_000, 1],
    [4400, 'a bad frame', 'offline', 2_000, 1],
    [4401, 'an expired token, with a new session', 'connecting', 1_000, 2],
    [4408, 'a hello that came too late', 'offline', 2_000, 1],
    [4429, 'too many connections, with patience', 'offline', 5_000, 1],
  ];
  test.each(codes)('close code %i: %s', async (code, _name, connection, within, sessions) => {
    const stage = new Stage();
    const socket = await stage.connect();
    socket.break(code);
    expect(stage.connection()).toBe(connection);
    await stage.pass(within);
    expect(stage.sockets).toHaveLength(2);
    expect(stage.paths('POST /session')).toHaveLength(sessions);
  });

  test.each([[4403], [4404]])('close code %i ends it, visibly', async (code) => {
    const stage = new Stage();
    const socket = await stage.connect();
    socket.break(code);
    await stage.pass(120_000);
    expect(stage.sockets).toHaveLength(1);
    expect(stage.connection()).toBe('refused');
  });

  it('an expired token takes unsent messages of an anonymous visitor along', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.say('a');
    stage.routes['POST /session'] = () => ({ json: session({ token: 'token-2', visitor_id: 'v:two' }) });
    socket.break(4401);
    await stage.pass(1_000);
    await stage.ready();
    expect(stage.socket.sent[0]).toMatchObject({ token: 'token-2', after: 0 });
    expect(texts(stage)).toEqual(['a']);
  });
});

describe('who is who', () => {
  it('signing in shows the customer’s own history instead of the visitor’s, and sends what was just written', async () => {
    const stage = new Stage();
    const socket = await stage.connect(1);
    socket.frame(frame(message(1)));
    stage.say('a');
    stage.routes['POST /session'] = ({ body }) => {
      expect(body).toMatchObject({ identity: { jwt: 'jwt' } });
      return { json: session({ token: 'token-u', visitor_id: 'u:7', head: 50 }) };
    };
    stage.client.identify({ jwt: 'jwt' });
    await stage.pass(0);
    expect(stage.transcript()).toEqual([]);
    await stage.ready(50);
    expect(stage.socket.sent[0]).toMatchObject({ token: 'token-u', after: 10 });
    expect(texts(stage)).toEqual(['a']);
  });

  it('another customer on the same machine gets nothing of the first one', async () => {
    const stage = new Stage();
    stage.routes['POST /session'] = () => ({ json: session({ visitor_id: 'u:1' }) });
    const socket = await stage.connect(1);
    socket.frame(frame(message(1)));
    stage.say('secret');
    stage.routes['POST /session'] = () => ({ json: session({ token: 'token-2', visitor_id: 'u:2' }) });
    stage.client.identify({ jwt: 'second' });
    await stage.pass(0);
    await stage.ready();
    expect(stage.transcript()).toEqual([]);
    expect(stage.socket.of('send')).toEqual([]);
    expect(stage.keeper.keys('out:')).toEqual([]);
  });

  it('reset forgets everything and stays quiet', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.say('a');
    stage.client.reset();
    await stage.pass(60_000);
    expect(socket.closed).toBe(true);
    expect(stage.client.known).toBe(false);
    expect(stage.keeper.keys('')).toEqual([]);
    expect(stage.sockets).toHaveLength(1);
  });

  it('a page change is told under the same session', async () => {
    const stage = new Stage();
    await stage.connect();
    stage.client.setPage({ url: 'https://shop.example/kettle', title: 'Kettle' });
    await stage.pass(0);
    expect(stage.paths('POST /session')[1]?.body).toMatchObject({ token: 'token-1', page: { title: 'Kettle' } });
    expect(stage.sockets).toHaveLength(1);
  });
});

describe('two tabs', () => {
  it('a message written in another tab is shown, and sent from here only if that tab does not', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    const value = JSON.stringify({
      content: { type: 'text', text: 'x' },
      at: Date.now(),
      state: 'waiting',
      reason: '',
    });
    stage.client.changedElsewhere('out:other', value);
    expect(stage.pending()).toEqual(['other waiting']);
    stage.say('mine');
    expect(texts(stage)).toEqual(['mine']);
    socket.frame(accepted('c1'));
    await stage.pass(19_000);
    expect(texts(stage)).toEqual(['mine']);
    await stage.pass(1_500);
    expect(texts(stage)).toEqual(['mine', 'x']);
  });

  it('the other tab’s message gets its place here, too', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    const value = JSON.stringify({
      content: { type: 'text', text: 'x' },
      at: Date.now(),
      state: 'waiting',
      reason: '',
    });
    stage.client.changedElsewhere('out:other', value);
    stage.client.changedElsewhere('out:other', null);
    expect(stage.pending()).toEqual(['other accepted']);
    socket.frame(frame(own(1, 'other')));
    expect(stage.pending()).toEqual([]);
    expect(stage.transcript()).toEqual([1]);
  });

  it('the first message in another tab wakes this one, under the same visitor', async () => {
    const stage = new Stage();
    stage.keeper.write('token', JSON.stringify({ token: 'token-9', visitor: 'v:nine' }));
    stage.client.changedElsewhere('token', 'changed');
    await stage.pass(0);
    expect(stage.paths('POST /session')[0]?.body).toMatchObject({ token: 'token-9' });
  });

  it('signing out in another tab clears this one', async () => {
    const stage = new Stage();
    const socket = await stage.connect(1);
    socket.frame(frame(message(1)));
    stage.client.changedElsewhere('reset', '1');
    stage.client.changedElsewhere('reset', null);
    expect(stage.transcript()).toEqual([]);
    expect(socket.closed).toBe(true);
  });

  it('signing out tells the other tabs and leaves nothing behind', async () => {
    const stage = new Stage();
    await stage.connect();
    const written = vi.spyOn(stage.keeper, 'write');
    stage.client.reset();
    expect(written.mock.calls.filter(([key]) => key === 'reset')).toEqual([
      ['reset', '1'],
      ['reset', null],
    ]);
    expect(stage.keeper.keys('')).toEqual([]);
  });

  it('a token that another tab found refused costs this one nothing', async () => {
    const stage = new Stage();
    const socket = await stage.connect(1);
    socket.frame(frame(message(1)));
    stage.say('a');
    stage.keeper.write('token', null);
    stage.client.changedElsewhere('token', null);
    expect(stage.transcript()).toEqual([1]);
    expect(stage.pending()).toEqual(['c1 waiting']);
    expect(socket.closed).toBe(false);
  });

  it('signing in in another tab shows the same customer here, and nothing of the visitor before', async () => {
    const stage = new Stage();
    const socket = await stage.connect(1);
    socket.frame(frame(message(1)));
    stage.routes['POST /session'] = () => ({ json: session({ token: 'token-u', visitor_id: 'u:7', head: 9 }) });
    stage.keeper.write('visitor', 'u:7');
    stage.keeper.write('token', JSON.stringify({ token: 'token-u', visitor: 'u:7' }));
    stage.client.changedElsewhere('token', 'changed');
    await stage.pass(0);
    expect(stage.transcript()).toEqual([]);
    await stage.ready(9);
    expect(stage.socket.sent[0]).toMatchObject({ token: 'token-u', after: 0 });
  });

  it('what was read in another tab is read here', async () => {
    const stage = new Stage();
    await stage.connect();
    stage.client.changedElsewhere('read', '5');
    expect(stage.last('read')?.seq).toBe(5);
  });
});

describe('receipts and typing', () => {
  it('tells once what arrived and what was seen', async () => {
    const stage = new Stage();
    const socket = await stage.connect(2);
    socket.frame(frame(message(1)));
    socket.frame(frame(message(2)));
    stage.client.read(2);
    stage.client.read(1);
    await stage.pass(50);
    expect(socket.sent.map((sent) => sent.type).filter((type) => type !== 'hello')).toEqual(['delivered']);
    await stage.pass(350);
    expect(socket.of('delivered')).toEqual([{ type: 'delivered', seq: 2 }]);
    expect(socket.of('read')).toEqual([{ type: 'read', seq: 2 }]);
    await stage.pass(5_000);
    expect(socket.sent.filter((sent) => ['delivered', 'read'].includes(sent.type))).toHaveLength(2);
  });

  it('says at most every three seconds that the customer types', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.client.typing();
    stage.client.typing();
    await stage.pass(3_000);
    stage.client.typing();
    expect(socket.of('typing')).toHaveLength(2);
  });

  it('shows the other side typing until it speaks or falls silent', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    socket.frame({ type: 'typing', author: author('agent', '小林') });
    expect(stage.last('typing')?.author?.name).toBe('小林');
    socket.frame(frame(message(1)));
    expect(stage.last('typing')?.author).toBeNull();
    socket.frame({ type: 'typing', author: author('agent', '小林') });
    await stage.pass(6_000);
    expect(stage.last('typing')?.author).toBeNull();
  });
});

describe('history', () => {
  it('loads older messages once per request, until the beginning', async () => {
    const stage = new Stage();
    stage.routes['POST /session'] = () => ({ json: session({ head: 45 }) });
    stage.routes['GET /messages'] = () => ({
      json: { messages: [1, 2, 3, 4, 5].map((seq) => message(seq)), head: 45, more: false },
    });
    const socket = await stage.connect(45);
    socket.frame(frame(message(6)));
    expect(stage.last('transcript')).toMatchObject({ older: true });
    void stage.client.older();
    void stage.client.older();
    await stage.pass(0);
    expect(stage.paths('GET /messages')).toHaveLength(1);
    expect(stage.paths('GET /messages')[0]?.path).toBe('/messages?before=6&limit=30');
    expect(stage.transcript()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stage.last('transcript')).toMatchObject({ older: false });
    expect(stage.last('loading')).toMatchObject({ loading: false });
  });

  it('messages from before this page are not announced as new', async () => {
    const stage = new Stage();
    stage.routes['POST /session'] = () => ({ json: session({ head: 2 }) });
    const socket = await stage.connect(2);
    [1, 2].forEach((seq) => socket.frame(frame(message(seq))));
    expect(stage.last('fresh')).toBeUndefined();
    socket.frame(frame(message(3)));
    expect(stage.last('fresh')?.messages.map((one) => one.seq)).toEqual([3]);
  });

  it('says when everything that was there has arrived', async () => {
    const stage = new Stage();
    const socket = await stage.connect(2);
    socket.frame(frame(message(1)));
    expect(stage.last('caught_up')).toBeUndefined();
    socket.frame(frame(message(2)));
    expect(stage.last('caught_up')).toBeTruthy();
  });

  it('fetches one message again when its picture’s address has expired', async () => {
    const stage = new Stage();
    stage.routes['GET /messages'] = () => ({ json: { messages: [message(1, { id: 'fresh' })], head: 1, more: false } });
    const socket = await stage.connect(1);
    socket.frame(frame(message(1)));
    await stage.client.refresh(1);
    expect(stage.last('transcript')?.messages[0]?.id).toBe('fresh');
  });
});

describe('frames that are none', () => {
  const cases: [name: string, frame: unknown][] = [
    ['not JSON', '{'],
    ['not an object', '[]'],
    ['without a type', '{"seq":1}'],
    ['a type from the future', { type: 'hologram' }],
    ['a message without a number', { type: 'message', message: { id: 'x', author: {}, content: { type: 'text' } } }],
    ['a message without content', { type: 'message', message: { seq: 1, id: 'x', author: {} } }],
  ];
  test.each(cases)('%s changes nothing', async (_name, one) => {
    const stage = new Stage();
    const socket = await stage.connect();
    socket.frame(one);
    expect(socket.closed).toBe(false);
    expect(stage.transcript()).toEqual([]);
  });
});

describe('where WebSocket is blocked', () => {
  const events = (...frames: object[]): string => frames.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('');

  async function blocked(stage: Stage): Promise<void> {
    stage.client.start();
    await stage.pass(0);
    stage.socket.break();
    await stage.pass(2_000);
    stage.socket.break();
    await stage.pass(4_000);
  }

  it('two failed openings lead to the event stream, which carries on in both directions', async () => {
    const stage = new Stage();
    const line = stream();
    stage.routes['GET /events'] = () => ({ body: line.body });
    stage.routes['POST /messages'] = () => ({ status: 202, json: { message_id: 'm1', received_at: '' } });
    stage.routes['POST /receipts'] = () => ({ status: 204 });
    stage.routes['POST /typing'] = () => ({ status: 204 });
    await blocked(stage);
    expect(stage.paths('GET /events')[0]).toMatchObject({ path: '/events?after=0', token: 'Bearer token-1' });
    line.write(events({ type: 'ready', head: 0, state: 'bot', agent: null, ping_seconds: 25 }));
    await stage.pass(0);
    expect(stage.connection()).toBe('online');
    stage.say('a');
    stage.client.typing();
    await stage.pass(0);
    expect(stage.paths('POST /messages')[0]?.body).toEqual({ client_id: 'c1', content: { type: 'text', text: 'a' } });
    expect(stage.paths('POST /typing')).toHaveLength(1);
    line.write(events(frame(own(1, 'c1')), frame(message(2))));
    await stage.pass(400);
    expect(stage.transcript()).toEqual([1, 2]);
    expect(stage.pending()).toEqual([]);
    expect(stage.paths('POST /receipts')[0]?.body).toEqual({ state: 'delivered', seq: 2 });
  });

  it('a stream that goes silent is replaced, and WebSocket gets another chance', async () => {
    const stage = new Stage();
    const line = stream();
    stage.routes['GET /events'] = () => ({ body: line.body });
    await blocked(stage);
    line.write(events({ type: 'ready', head: 0 }));
    await stage.pass(30_000);
    line.write(': alive\n\n');
    await stage.pass(30_000);
    expect(stage.connection()).toBe('online');
    await stage.pass(15_000);
    expect(stage.connection()).toBe('offline');
    const sockets = stage.sockets.length;
    await stage.pass(2_000);
    expect(stage.sockets.length).toBe(sockets + 1);
    stage.socket.break();
    await stage.pass(4_000);
    expect(stage.paths('GET /events')).toHaveLength(2);
  });

  it('a gap in the stream is filled by a request', async () => {
    const stage = new Stage();
    const line = stream();
    stage.routes['GET /events'] = () => ({ body: line.body });
    stage.routes['GET /messages'] = () => ({ json: { messages: [message(1), message(2)], head: 2, more: false } });
    await blocked(stage);
    line.write(events({ type: 'ready', head: 0 }, frame(message(2))));
    await stage.pass(0);
    expect(stage.transcript()).toEqual([1, 2]);
  });

  it('where streaming is blocked, too, long polling takes over', async () => {
    const stage = new Stage();
    let polls = 0;
    stage.routes['GET /events'] = () => 'unreachable';
    stage.routes['POST /messages'] = () => ({ status: 202, json: {} });
    stage.routes['GET /messages'] = ({ path }) => {
      polls += 1;
      if (polls === 1)
        return { json: { messages: [message(1)], head: 1, more: false, state: 'assigned', agent: { name: '小林' } } };
      if (polls === 2) return { json: { messages: [own(2, 'c1')], head: 2, more: false } };
      expect(path).toBe('/messages?after=2&limit=100&wait=25');
      return 'never';
    };
    stage.say('a');
    await blocked(stage);
    await stage.pass(2_000);
    expect(stage.connection()).toBe('online');
    expect(stage.transcript()).toEqual([1, 2]);
    expect(stage.pending()).toEqual([]);
    expect(stage.last('service')).toMatchObject({ state: 'assigned', agent: { name: '小林' } });
    expect(polls).toBe(3);
  });

  it('a proxy that answers every poll at once does not become a storm', async () => {
    const stage = new Stage();
    stage.routes['GET /events'] = () => 'unreachable';
    stage.routes['GET /messages'] = () => ({ json: { messages: [], head: 0, more: false } });
    await blocked(stage);
    await stage.pass(8_000);
    const before = stage.paths('GET /messages').length;
    await stage.pass(20_000);
    expect(stage.paths('GET /messages').length - before).toBeLessThanOrEqual(10);
  });

  it('refusals over HTTP mean what they mean over WebSocket', async () => {
    const stage = new Stage();
    const line = stream();
    stage.routes['GET /events'] = () => ({ body: line.body });
    await blocked(stage);
    line.write(events({ type: 'ready', head: 0 }));
    await stage.pass(0);
    stage.routes['POST /messages'] = () => ({ status: 429, json: { code: 'rate_limited', title: '', retry_after: 2 } });
    stage.say('a');
    await stage.pass(1_000);
    expect(stage.pending()).toEqual(['c1 waiting']);
    stage.routes['POST /messages'] = () => ({ status: 422, json: { code: 'too_long', title: '' } });
    await stage.pass(2_000);
    expect(stage.pending()).toEqual(['c1 failed too_long']);
  });

  it('an expired token on the stream leads to a new session', async () => {
    const stage = new Stage();
    stage.routes['GET /events'] = () => ({ status: 401, json: { code: 'token_invalid' } });
    await blocked(stage);
    await stage.pass(8_000);
    expect(stage.paths('POST /session').length).toBeGreaterThanOrEqual(2);
  });

  it('a page whose policy forbids WebSocket goes the same way', async () => {
    const stage = new Stage();
    stage.socketsAllowed = false;
    const line = stream();
    stage.routes['GET /events'] = () => ({ body: line.body });
    stage.client.start();
    await stage.pass(7_000);
    line.write(events({ type: 'ready', head: 0 }));
    await stage.pass(0);
    expect(stage.connection()).toBe('online');
  });

  it('being offline is not taken for a blocked WebSocket', async () => {
    const stage = new Stage();
    const socket = await stage.connect();
    stage.online = false;
    socket.break();
    for (let round = 0; round < 4; round += 1) {
      await stage.pass(30_000);
      stage.socket.break();
    }
    expect(stage.paths('GET /events')).toHaveLength(0);
  });
});
