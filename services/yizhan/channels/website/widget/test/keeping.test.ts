import { afterEach, describe, expect, it, test, vi } from 'vitest';

import { uuid } from '../src/transport/environment';
import { LocalKeeper } from '../src/transport/keeper';
import type { MediaContent } from '../src/transport/protocol';
import { type Upload, Uploads } from '../src/transport/uploads';
import { type Answer, Stage } from './fake-server';

afterEach(() => localStorage.clear());

describe('what a browser remembers', () => {
  it('accounts do not see each other’s', () => {
    const a = new LocalKeeper('yizhan:a:');
    const b = new LocalKeeper('yizhan:b:');
    a.write('token', 'x');
    expect(b.read('token')).toBeNull();
    expect(a.keys('tok')).toEqual(['token']);
    expect(b.keys('')).toEqual([]);
    a.write('token', null);
    expect(a.read('token')).toBeNull();
  });

  const broken: [name: string, backing: () => Storage][] = [
    [
      'storage that the browser blocks',
      () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    ],
    [
      'storage that is full',
      () =>
        ({
          length: 0,
          key: () => null,
          getItem: () => 'old',
          removeItem: () => undefined,
          setItem: () => {
            throw new DOMException('full', 'QuotaExceededError');
          },
        }) as unknown as Storage,
    ],
  ];
  test.each(broken)('%s: the page’s memory takes over', (_name, backing) => {
    const keeper = new LocalKeeper('p:', backing);
    keeper.write('token', 'new');
    expect(keeper.read('token')).toBe('new');
    expect(keeper.keys('')).toEqual(['token']);
    keeper.write('token', null);
    expect(keeper.keys('')).toEqual([]);
  });

  it('hears what other tabs change, of its own account only', () => {
    const keeper = new LocalKeeper('p:');
    const changed = vi.fn();
    const stop = keeper.watch(changed);
    window.dispatchEvent(new StorageEvent('storage', { key: 'p:read', newValue: '4' }));
    window.dispatchEvent(new StorageEvent('storage', { key: 'q:read', newValue: '5' }));
    stop();
    window.dispatchEvent(new StorageEvent('storage', { key: 'p:read', newValue: '6' }));
    expect(changed.mock.calls).toEqual([['read', '4']]);
  });

  it('names of messages are UUIDs also where the browser makes none', () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid(() => 0)).toBe('00000000-0000-4000-8000-000000000000');
  });
});

describe('uploads', () => {
  const media = { id: 'f'.repeat(64), mime: 'image/png', name: 'a.png', size: 3, width: 1, height: 1, url: '/media/f' };
  const picture = (name = 'a.png', size = 3): File => new File(['x'.repeat(size)], name, { type: 'image/png' });

  function start(...answers: Answer[]): {
    uploads: Uploads;
    states: () => string[];
    sent: [MediaContent, string][];
    stage: Stage;
  } {
    const stage = new Stage();
    stage.uploads = answers;
    stage.api.token = 'token-1';
    let items: readonly Upload[] = [];
    const sent: [MediaContent, string][] = [];
    let ids = 0;
    const uploads = new Uploads(
      stage.api,
      () => `u${(ids += 1)}`,
      () => 'blob:preview',
      (content, client_id) => sent.push([content, client_id]),
      (list) => {
        items = list;
      },
    );
    const states = (): string[] =>
      items.map(({ client_id, state, reason }) => `${client_id} ${state}${reason ? ` ${reason}` : ''}`);
    return { uploads, states, sent, stage };
  }
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

  it('become messages under the same name, in the order in which they were chosen', async () => {
    const { uploads, states, sent } = start({ status: 201, json: { media } }, { status: 201, json: { media } });
    uploads.add(picture());
    uploads.add(new File(['x'], 'a.pdf', { type: 'application/pdf' }));
    expect(states()).toEqual(['u1 sending', 'u2 waiting']);
    await settle();
    expect(sent.map(([content, id]) => [content.type, id])).toEqual([
      ['image', 'u1'],
      ['file', 'u2'],
    ]);
    expect(states()).toEqual([]);
  });

  const failures: [name: string, answer: Answer, state: string][] = [
    [
      'the server takes no such file',
      { status: 415, json: { code: 'type_not_allowed' } },
      'u1 failed type_not_allowed',
    ],
    ['the network is gone', 'unreachable', 'u1 failed network'],
    ['a proxy answers with a page', { status: 413, json: 'too large' }, 'u1 failed 413'],
  ];
  test.each(failures)('%s: failed with a reason, and can be tried again', async (_name, answer, state) => {
    const { uploads, states, sent } = start(answer, { status: 201, json: { media } });
    uploads.add(picture());
    await settle();
    expect(states()).toEqual([state]);
    uploads.retry('u1');
    await settle();
    expect(sent).toHaveLength(1);
  });

  const refused: [name: string, file: File, state: string][] = [
    ['a picture beyond the limit', picture('big.png', 20), 'u1 failed too_large'],
    ['an empty file', picture('empty.png', 0), 'u1 failed empty_file'],
  ];
  test.each(refused)('%s is not even sent', async (_name, file, state) => {
    const { uploads, states } = start();
    uploads.limits = { ...uploads.limits, image_bytes: 10 };
    uploads.add(file);
    uploads.retry('u1');
    await settle();
    expect(states()).toEqual([state]);
  });

  it('wait for a session', async () => {
    const { uploads, states, stage, sent } = start({ status: 201, json: { media } });
    stage.api.token = '';
    uploads.add(picture());
    expect(states()).toEqual(['u1 waiting']);
    stage.api.token = 'token-1';
    uploads.pump();
    await settle();
    expect(sent).toHaveLength(1);
  });

  it('one that was dropped meanwhile is not sent', async () => {
    const { uploads, sent } = start({ status: 201, json: { media } });
    uploads.add(picture());
    uploads.remove('u1');
    await settle();
    expect(sent).toEqual([]);
  });
});
