import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';

import { readConfiguration } from '../src/configuration';
import type { PageApi } from '../src/page-api';
import { show } from '../src/panel';
import type { Content, Message } from '../src/transport/protocol';
import { mount } from '../src/widget';
import { author, type FakeSocket, message, own, session, Stage } from './fake-server';

/** The whole widget on a page, in front of the scripted server. */
class Page {
  readonly stage = new Stage();
  readonly api: PageApi;
  loads = 0;
  panelFails = false;

  constructor(data: Record<string, string> = {}) {
    const script = document.createElement('script');
    script.src = 'https://chat.example/widget.js';
    Object.assign(script.dataset, { account: 'demo', lang: 'zh-CN', ...data });
    const { api } = mount(readConfiguration(script), this.stage.environment, async () => {
      this.loads += 1;
      if (this.panelFails) throw new Error('offline');
      return { show, edition: '' };
    });
    this.api = api;
  }

  get root(): ShadowRoot {
    const root = document.querySelector('yizhan-chat')?.shadowRoot;
    if (!root) throw new Error('the widget is not on the page');
    return root;
  }

  find<Found extends HTMLElement>(selector: string): Found {
    const found = this.root.querySelector<Found>(selector);
    if (!found) throw new Error(`nothing matches ${selector}`);
    return found;
  }

  all(selector: string): HTMLElement[] {
    return [...this.root.querySelectorAll<HTMLElement>(selector)];
  }

  texts(selector: string): string[] {
    return this.all(selector).map((element) => element.textContent ?? '');
  }

  async press(selector: string): Promise<void> {
    this.find(selector).click();
    await settle();
  }

  /** Opens the panel on a ready connection. */
  async open(...messages: Message[]): Promise<FakeSocket> {
    this.api.open();
    await settle();
    const socket = await this.stage.ready(messages.length);
    for (const one of messages) socket.frame({ type: 'message', message: one });
    await settle();
    return socket;
  }

  async write(text: string, key: Partial<KeyboardEvent> = {}): Promise<void> {
    const field = this.find<HTMLTextAreaElement>('textarea');
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    const event = new KeyboardEvent('keydown', {
      key: 'Enter',
      bubbles: true,
      cancelable: true,
      ...(key as KeyboardEventInit),
    });
    field.dispatchEvent(event);
    await settle();
  }
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(50);
const said = (seq: number, content: Content, kind: Message['author']['kind'] = 'bot', name = ''): Message =>
  message(seq, { content, author: author(kind, name) });

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(new Date('2026-01-05T02:00:30Z'));
  document.documentElement.lang = 'zh-CN';
});
afterEach(async () => {
  await vi.advanceTimersByTimeAsync(100); // effects that wait for a frame must not wait into the next test
  document.querySelector('yizhan-chat')?.remove();
  localStorage.clear();
  vi.useRealTimers();
});

describe('a page that nobody chats on', () => {
  it('pays for nothing: no session, no panel', async () => {
    const page = new Page();
    await settle();
    expect(page.stage.calls).toEqual([]);
    expect(page.loads).toBe(0);
    expect(page.find('.launcher').getAttribute('aria-expanded')).toBe('false');
    expect(page.find('.launcher').getAttribute('aria-label')).toBe('在线客服');
  });

  it('loads the panel when a press is near', async () => {
    const page = new Page();
    page.find('.launcher').dispatchEvent(new Event('pointerenter'));
    await settle();
    expect(page.loads).toBe(1);
    await page.press('.launcher');
    expect(page.loads).toBe(1);
  });

  it('of a visitor who was here before learns about new answers', async () => {
    const first = new Page();
    await first.open();
    document.querySelector('yizhan-chat')?.remove();
    const page = new Page();
    page.stage.routes['POST /session'] = () => ({ json: session({ head: 1 }) });
    const unread = vi.fn();
    page.api.on('unread', unread);
    await settle();
    const socket = await page.stage.ready(1);
    socket.frame({ type: 'message', message: said(1, { type: 'text', text: '早前的回复' }) });
    socket.frame({ type: 'message', message: said(2, { type: 'text', text: '您的包裹已发出' }, 'agent', '小林') });
    await settle();
    expect(page.loads).toBe(0);
    expect(unread).toHaveBeenLastCalledWith(2);
    expect(page.texts('.badge')).toEqual(['2']);
    expect(page.texts('.teaser .clamp')).toEqual(['您的包裹已发出']);
    expect(page.find('.launcher').getAttribute('aria-label')).toBe('在线客服，2 条未读消息');
    await page.press('.teaser-text');
    expect(page.find('.launcher').getAttribute('aria-expanded')).toBe('true');
    expect(page.all('.badge')).toEqual([]);
    expect(unread).toHaveBeenLastCalledWith(0);
  });

  it('says when the panel cannot be loaded, and tries again at the next press', async () => {
    const page = new Page();
    page.panelFails = true;
    await page.press('.launcher');
    expect(page.find('.launcher').getAttribute('aria-expanded')).toBe('false');
    expect(page.texts('.teaser-note')).toEqual(['对话窗口未能加载，请检查网络后再试']);
    page.panelFails = false;
    await page.press('.launcher');
    expect(page.find('.panel').classList.contains('open')).toBe(true);
    expect(page.all('.teaser-note')).toEqual([]);
  });
});

describe('writing', () => {
  it('Enter sends, the field is empty again, the message shows its way', async () => {
    const page = new Page();
    const socket = await page.open();
    await page.write('  你好  ');
    expect(socket.of('send')[0]?.content).toEqual({ type: 'text', text: '你好' });
    expect(page.find<HTMLTextAreaElement>('textarea').value).toBe('');
    expect(page.all('.line.own .spinner')).toHaveLength(1);
    socket.frame({ type: 'accepted', client_id: 'c1', message_id: 'm', received_at: '' });
    await settle();
    expect(page.all('.line.own .spinner')).toHaveLength(0);
    expect(page.texts('.mark')).toEqual(['已发送']);
  });

  const kept: [name: string, text: string, key: Partial<KeyboardEvent>][] = [
    ['Enter that picks a candidate of the input method', '你好', { isComposing: true }],
    ['Enter that ends a composition in Safari', '你好', { keyCode: 229 }],
    ['Shift+Enter', '第一行', { shiftKey: true }],
    ['nothing but blanks', ' \n ', {}],
    ['more than the limit', '长'.repeat(4001), {}],
  ];
  test.each(kept)('%s does not send', async (_name, text, key) => {
    const page = new Page();
    const socket = await page.open();
    await page.write(text, key);
    expect(socket.of('send')).toEqual([]);
    expect(page.find<HTMLTextAreaElement>('textarea').value).toBe(text);
  });

  it('counts characters near the limit, and an emoji as one', async () => {
    const page = new Page();
    const socket = await page.open();
    await page.write('字'.repeat(3300), { shiftKey: true });
    expect(page.texts('.count')).toEqual(['3300/4000']);
    await page.write('长'.repeat(4005), { shiftKey: true });
    expect(page.texts('.count')).toEqual(['超出 5 字']);
    expect(page.find<HTMLButtonElement>('.send').disabled).toBe(true);
    await page.write('😀'.repeat(4000));
    expect(socket.of('send')).toHaveLength(1);
  });

  it('a failed message says why, and can be sent again or dropped', async () => {
    const page = new Page();
    const socket = await page.open();
    await page.write('你好');
    socket.frame({ type: 'refused', client_id: 'c1', problem: { code: 'too_long', title: '', retry: false } });
    await settle();
    expect(page.texts('.stack > .failed > span')).toEqual(['发送失败：内容太长']);
    expect(page.texts('[role=alert]')).toEqual(['发送失败：内容太长']);
    await page.press('.failed .plain');
    expect(socket.of('send')).toHaveLength(2);
    socket.frame({ type: 'refused', client_id: 'c1', problem: { code: 'odd', title: '', retry: false } });
    await settle();
    expect(page.texts('.stack > .failed > span')).toEqual(['发送失败']);
    page.all('.failed .plain')[1]?.click();
    await settle();
    expect(page.all('.line')).toEqual([]);
  });

  it('a pasted picture is uploaded and sent; pasted text stays text', async () => {
    const page = new Page();
    const socket = await page.open();
    const media = { id: 'f1', mime: 'image/png', name: '', size: 3, width: 40, height: 30, url: '/media/f1' };
    page.stage.uploads = [{ status: 201, json: { media } }];
    const paste = (files: File[]): Event =>
      Object.assign(new Event('paste', { bubbles: true, cancelable: true }), { clipboardData: { files } });
    const text = paste([]);
    page.find('textarea').dispatchEvent(text);
    expect(text.defaultPrevented).toBe(false);
    const picture = paste([new File(['abc'], 'image.png', { type: 'image/png' })]);
    page.find('textarea').dispatchEvent(picture);
    expect(picture.defaultPrevented).toBe(true);
    await settle();
    expect(socket.of('send')[0]?.content).toEqual({ type: 'image', media: { id: 'f1' } });
  });

  it('one press asks for a person, as long as the assistant is answering', async () => {
    const page = new Page();
    const socket = await page.open(said(1, { type: 'text', text: '您好' }));
    await page.press('.chip');
    expect(socket.of('send')[0]?.content).toEqual({ type: 'text', text: '转人工' });
    socket.frame({ type: 'state', state: 'assigned', agent: { name: '小林' } });
    await settle();
    expect(page.all('.chip')).toEqual([]);
    expect(page.texts('header p')).toEqual(['小林 正在为您服务']);
  });
});

describe('the transcript', () => {
  const media = {
    id: 'f1',
    mime: 'image/png',
    name: '壶.png',
    size: 2048,
    width: 400,
    height: 300,
    url: '/media/f1?sig=x',
  };
  const goods = {
    goods_id: 'g',
    title: '养生壶',
    price_minor: 25900,
    currency: 'CNY',
    image_url: '',
    url: 'https://shop.example/g',
  };
  const kinds: [name: string, content: Content, selector: string, text: string][] = [
    ['text', { type: 'text', text: '第一行\n第二行' }, '.bubble', '第一行\n第二行'],
    [
      'markup is text',
      { type: 'text', text: '<img src=x onerror=alert(1)>' },
      '.bubble',
      '<img src=x onerror=alert(1)>',
    ],
    ['one emoji is large', { type: 'text', text: '👍' }, '.bubble.emoji', '👍'],
    [
      'link card',
      { type: 'link', url: 'https://a.example/', title: '指南', description: '三步' },
      '.card.link',
      '指南三步查看详情',
    ],
    [
      'a link card that leads nowhere safe',
      { type: 'link', url: 'javascript:alert(1)', title: '指南', description: '' },
      '.card.link',
      '指南',
    ],
    ['file', { type: 'file', media: { ...media, name: '说明书.pdf' } }, '.file', '说明书.pdf2 KB'],
    ['goods', { type: 'goods', ...goods }, '.card.goods', '养生壶¥259.00查看详情'],
    [
      'order',
      {
        type: 'order',
        order_id: '77',
        status: '已发货',
        goods: Array.from({ length: 5 }, (_, at) => ({ ...goods, goods_id: `${at}`, url: '' })),
        total_minor: 100,
        currency: 'CNY',
        url: '',
      },
      '.card.order',
      '订单 77已发货养生壶¥259.00养生壶¥259.00养生壶¥259.00还有 2 条合计¥1.00',
    ],
    [
      'refund',
      {
        type: 'refund',
        refund_id: 'R1',
        order_id: '77',
        status: '退款中',
        amount_minor: 990,
        currency: 'CNY',
        url: '',
      },
      '.card.refund',
      '退款 R1退款中订单 77退款金额¥9.90',
    ],
    ['location', { type: 'location', latitude: 30.25, longitude: 120.16, label: '' }, '.place', '30.25, 120.16'],
    ['a kind of a newer server', { type: 'hologram' } as never, '.bubble.soft', '暂不支持显示此类消息'],
  ];
  test.each(kinds)('%s', async (_name, content, selector, text) => {
    const page = new Page();
    await page.open(said(1, content));
    expect(page.texts(selector)).toEqual([text]);
    expect(page.all('.rows script, .rows [onerror], .rows [href^=javascript]')).toEqual([]);
  });

  it('links open outside and tell the other side nothing', async () => {
    const page = new Page();
    await page.open(said(1, { type: 'text', text: '见https://a.example/x。' }));
    const link = page.find<HTMLAnchorElement>('.bubble a');
    expect([link.href, link.target, link.rel]).toEqual([
      'https://a.example/x',
      '_blank',
      'noopener noreferrer nofollow',
    ]);
  });

  it('an event is a line of its own, an agent has a name and initials', async () => {
    const page = new Page();
    await page.open(
      said(1, { type: 'event', code: 'agent_joined', text: '客服已接入' }, 'system'),
      said(2, { type: 'text', text: '您好' }, 'agent', '林晓月'),
      said(3, { type: 'text', text: '请讲' }, 'agent', '林晓月'),
    );
    expect(page.texts('.event')).toEqual(['客服已接入']);
    expect(page.texts('.line .face')).toEqual(['晓月']);
    expect(page.texts('.name')).toEqual(['林晓月']);
  });

  it('parcel steps: the newest first, the rest on request', async () => {
    const steps = [1, 2, 3, 4].map((day) => ({ at: `2026-01-0${day}T00:00:00.000Z`, text: `第${day}步` }));
    const page = new Page();
    await page.open(
      said(1, { type: 'logistics', order_id: '7', carrier: '顺丰', tracking_number: 'SF1', steps, url: '' }),
    );
    expect(page.texts('.steps li div')).toEqual(['第4步', '第3步', '第2步']);
    await page.press('.logistics .plain');
    expect(page.texts('.steps li div')).toEqual(['第4步', '第3步', '第2步', '第1步']);
  });

  it('a picture grows at a press; Escape closes it, not the panel', async () => {
    const page = new Page();
    await page.open(said(1, { type: 'image', media }));
    const image = page.find<HTMLImageElement>('.picture img');
    expect([image.src, image.width, image.height]).toEqual(['https://chat.example/media/f1?sig=x', 220, 165]);
    await page.press('.picture');
    expect(page.find('.lightbox').getAttribute('aria-modal')).toBe('true');
    page.find('.lightbox button').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await settle();
    expect(page.all('.lightbox')).toEqual([]);
    expect(page.find('.panel').classList.contains('open')).toBe(true);
  });

  it('a picture whose address expired is fetched anew', async () => {
    const page = new Page();
    await page.open(said(1, { type: 'image', media }));
    const fresh = said(1, { type: 'image', media: { ...media, url: '/media/f1?sig=y' } });
    page.stage.routes['GET /messages'] = () => ({ json: { messages: [fresh], head: 1, more: false } });
    page.find('.picture img').dispatchEvent(new Event('error'));
    await settle();
    await page.press('.picture.broken');
    expect(page.find<HTMLImageElement>('.picture img').src).toBe('https://chat.example/media/f1?sig=y');
  });

  it('shows who is typing', async () => {
    const page = new Page();
    const socket = await page.open();
    socket.frame({ type: 'typing', author: author('agent', '小林') });
    await settle();
    expect(page.texts('.typing .vh')).toEqual(['小林正在输入']);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(page.all('.typing')).toEqual([]);
  });

  it('marks as read what was seen, and nothing while the panel is closed', async () => {
    const page = new Page();
    const socket = await page.open(said(1, { type: 'text', text: 'a' }));
    await vi.advanceTimersByTimeAsync(500);
    expect(socket.of('read')).toEqual([{ type: 'read', seq: 1 }]);
    page.api.close();
    socket.frame({ type: 'message', message: said(2, { type: 'text', text: 'b' }) });
    await vi.advanceTimersByTimeAsync(500);
    expect(socket.of('read')).toHaveLength(1);
    expect(page.texts('.badge')).toEqual(['1']);
  });

  it('offers older messages until the beginning', async () => {
    const page = new Page();
    page.stage.routes['POST /session'] = () => ({ json: session({ head: 41 }) });
    page.stage.routes['GET /messages'] = () => ({
      json: { messages: [said(1, { type: 'text', text: '最早的' })], head: 41, more: false },
    });
    page.api.open();
    await settle();
    const socket = await page.stage.ready(41);
    socket.frame({ type: 'message', message: said(2, { type: 'text', text: '后来的' }) });
    await settle();
    expect(page.all('.welcome')).toEqual([]);
    await page.press('.older');
    expect(page.texts('.bubble')).toEqual(['最早的', '后来的']);
    expect(page.all('.older')).toEqual([]);
    expect(page.all('.welcome')).toHaveLength(1);
  });
});

describe('menus', () => {
  const menu: Content = {
    type: 'menu',
    menu_id: 'clarify:1',
    prompt: '您想问的是？',
    options: [
      { id: 'e1', label: '怎么退货' },
      { id: 'human', label: '转人工' },
    ],
  };

  it('an option is chosen once', async () => {
    const page = new Page();
    const socket = await page.open(said(1, menu));
    await page.press('.option');
    expect(socket.of('send')[0]?.content).toEqual({
      type: 'choice',
      menu_id: 'clarify:1',
      option_id: 'e1',
      label: '怎么退货',
    });
    expect(page.all('.option').map((option) => (option as HTMLButtonElement).disabled)).toEqual([true, true]);
    expect(page.texts('.option.chosen')).toEqual(['怎么退货']);
    await page.press('.option');
    expect(socket.of('send')).toHaveLength(1);
    expect(page.texts('.own .bubble')).toEqual(['怎么退货']);
  });

  it('an answer given in another tab disables it here', async () => {
    const page = new Page();
    await page.open(
      said(1, menu),
      own(2, 'x', { type: 'choice', menu_id: 'clarify:1', option_id: 'human', label: '转人工' }),
    );
    expect(page.texts('.option.chosen')).toEqual(['转人工']);
  });

  const offered: Content = {
    type: 'menu',
    menu_id: 'instead:2',
    prompt: '不想等待的话，您也可以：',
    options: [
      { id: 'leave_message', label: '留言' },
      { id: 'wait', label: '继续等待' },
    ],
  };
  const ticketed: Message = { ...said(2, { type: 'text', text: '已为您登记，工单号 T000001' }), epoch: 3 };

  const joined: Message = {
    ...said(2, { type: 'event', code: 'agent_joined', text: '客服已接入' }, 'system'),
    epoch: 3,
  };
  const disabled = (page: Page): boolean[] => page.all('.option').map((option) => (option as HTMLButtonElement).disabled);

  it('one that is past takes no press and says so', async () => {
    const page = new Page();
    const socket = await page.open({ ...said(1, offered), epoch: 2 });
    expect(page.find('.menu').getAttribute('aria-label')).toBe('不想等待的话，您也可以：');
    expect(page.find('.menu').getAttribute('aria-disabled')).toBe('false');
    socket.frame({ type: 'message', message: joined });
    await settle();
    expect(page.find('.menu').getAttribute('aria-label')).toBe('不想等待的话，您也可以：（已不能选择）');
    expect(page.find('.menu').getAttribute('aria-disabled')).toBe('true');
    expect(disabled(page)).toEqual([true, true]);
    await page.press('.option');
    expect(socket.of('send')).toEqual([]);
  });

  it('is past after a reload, too', async () => {
    const first = new Page();
    await first.open({ ...said(1, offered), epoch: 2 }, joined);
    document.querySelector('yizhan-chat')?.remove();
    const page = new Page();
    await page.open({ ...said(1, offered), epoch: 2 }, joined);
    expect(disabled(page)).toEqual([true, true]);
  });

  it('nobody is offered to go on waiting who has a ticket, and what else was offered is', async () => {
    const page = new Page();
    const socket = await page.open({ ...said(1, offered), epoch: 2 }, ticketed);
    expect(disabled(page)).toEqual([false, true]);
    expect(page.find('.menu').getAttribute('aria-disabled')).toBe('false');
    page.all('.option')[1]?.click();
    await settle();
    expect(socket.of('send')).toEqual([]);
    await page.press('.option');
    expect(socket.of('send')).toHaveLength(1);
  });

  it('a rating of what is over long since cannot be given', async () => {
    const options = ['1', '2', '3', '4', '5'].map((id) => ({ id, label: id }));
    const page = new Page();
    const socket = await page.open(
      said(1, { type: 'menu', menu_id: 'rating:1', prompt: '请评价', options }),
      { ...own(2, 'x', { type: 'text', text: '还有问题' }), session: 2 },
    );
    page.all('.star')[3]?.click();
    page.all('.star')[3]?.dispatchEvent(new Event('focus'));
    await settle();
    expect(socket.of('send')).toEqual([]);
    expect(page.all('.star.lit')).toEqual([]);
  });

  it('a rating is five stars with words', async () => {
    const options = ['1', '2', '3', '4', '5'].map((id) => ({ id, label: id }));
    const page = new Page();
    const socket = await page.open(said(1, { type: 'menu', menu_id: 'rating:1', prompt: '请评价', options }));
    expect(page.texts('.star')).toEqual(['很不满意', '不满意', '一般', '满意', '很满意']);
    expect(page.all('.star')[4]?.getAttribute('aria-label')).toBe('5 星, 很满意');
    page.all('.star')[3]?.click();
    await settle();
    expect(socket.of('send')[0]?.content).toEqual({ type: 'choice', menu_id: 'rating:1', option_id: '4', label: '4' });
    expect(page.all('.star.lit')).toHaveLength(4);
    expect(page.find('.own-stars').textContent).toContain('满意');
  });
});

describe('the panel', () => {
  it('is a labelled dialog with a live transcript; Escape closes it and the launcher has the focus', async () => {
    const page = new Page();
    await page.open();
    expect(page.find('[role=dialog]').getAttribute('aria-label')).toBe('与清和家电的对话');
    expect(page.find('[role=log]').getAttribute('aria-live')).toBe('polite');
    expect(page.root.activeElement).toBe(page.find('textarea'));
    page.find('textarea').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await settle();
    expect(page.find('.panel').classList.contains('open')).toBe(false);
    expect(page.root.activeElement).toBe(page.find('.launcher'));
  });

  it('does not read the whole history aloud when it opens', async () => {
    const page = new Page();
    page.api.open();
    await settle();
    const socket = await page.stage.ready(2);
    socket.frame({ type: 'message', message: said(1, { type: 'text', text: '早前的' }) });
    await settle();
    expect(page.find('[role=log]').getAttribute('aria-live')).toBe('off');
    socket.frame({ type: 'message', message: said(2, { type: 'text', text: '最后的' }) });
    await settle();
    expect(page.find('[role=log]').getAttribute('aria-live')).toBe('polite');
  });

  it('Escape closes the emoji first', async () => {
    const page = new Page();
    await page.open();
    await page.press('.tool');
    page.find('.emoji-box button').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
    await settle();
    expect(page.all('.emoji-box')).toEqual([]);
    expect(page.find('.panel').classList.contains('open')).toBe(true);
  });

  it('every control has a name', async () => {
    const page = new Page();
    await page.open(said(1, { type: 'text', text: 'a' }));
    for (const control of page.all('button, textarea, a')) {
      expect(control.getAttribute('aria-label') || control.textContent, control.outerHTML).toBeTruthy();
    }
  });

  it('typing in it does not trigger the page’s shortcuts', async () => {
    const page = new Page();
    await page.open();
    const shortcut = vi.fn();
    document.addEventListener('keydown', shortcut);
    page.find('textarea').dispatchEvent(new KeyboardEvent('keydown', { key: '/', bubbles: true, composed: true }));
    document.removeEventListener('keydown', shortcut);
    expect(shortcut).not.toHaveBeenCalled();
  });

  const troubles: [name: string, status: number, code: string, text: string][] = [
    ['an unknown account', 404, 'unknown_account', '客服暂时无法连接，请稍后刷新页面再试'],
    ['a site that asks customers to sign in', 401, 'identity_required', '请先登录网站，登录后即可联系客服'],
  ];
  test.each(troubles)('%s is told in words, on screen and aloud', async (_name, status, code, text) => {
    const page = new Page();
    page.stage.routes['POST /session'] = () => ({ status, json: { code } });
    await page.press('.launcher');
    expect(page.texts('.banner')).toEqual([text]);
    await vi.advanceTimersByTimeAsync(2_100);
    expect(page.texts('.panel > [role=status]')).toEqual([text]);
  });

  it('a lost connection is told after a moment, and so is its return', async () => {
    const page = new Page();
    const socket = await page.open();
    socket.break();
    await vi.advanceTimersByTimeAsync(100);
    expect(page.texts('.panel > [role=status]')).toEqual(['']);
    page.stage.socket.break();
    await vi.advanceTimersByTimeAsync(2_500);
    expect(page.texts('.panel > [role=status]')[0]).toContain('网络已断开');
    await page.stage.ready();
    await settle();
    expect(page.texts('.panel > [role=status]')).toEqual(['已连接']);
    expect(page.all('.banner')).toEqual([]);
  });
});

describe('what the page may do', () => {
  it('opens, closes, listens and stops listening', async () => {
    const page = new Page();
    const opened = vi.fn();
    const messages = vi.fn();
    const stop = page.api.on('open', opened);
    page.api.on('message', (one) => messages(one.seq));
    page.api.toggle();
    await settle();
    const socket = await page.stage.ready();
    socket.frame({ type: 'message', message: said(1, { type: 'text', text: 'a' }) });
    page.api.toggle();
    stop();
    page.api.open();
    expect(opened.mock.calls).toEqual([[true], [false]]);
    expect(messages.mock.calls).toEqual([[1]]);
  });

  it('an error in the page’s own listener is the page’s, and harms nobody', async () => {
    const page = new Page();
    const second = vi.fn();
    page.api.on('message', () => {
      throw new Error('the page’s own');
    });
    page.api.on('message', second);
    const socket = await page.open();
    socket.frame({ type: 'message', message: said(1, { type: 'text', text: 'a' }) });
    await expect(settle()).rejects.toThrow('the page’s own');
    await settle();
    expect(second).toHaveBeenCalledOnce();
    expect(page.texts('.bubble')).toEqual(['a']);
  });

  it('identifies the customer and forgets them', async () => {
    const page = new Page({ identity: 'jwt-1' });
    await page.open();
    expect(page.stage.paths('POST /session')[0]?.body).toMatchObject({ identity: { jwt: 'jwt-1' } });
    page.api.reset();
    await settle();
    expect(localStorage.length).toBe(0);
    expect(page.find('.panel').classList.contains('open')).toBe(false);
  });

  it('runs at once what is pushed', () => {
    const page = new Page();
    const ran = vi.fn();
    page.api.push(ran);
    expect(ran).toHaveBeenCalledWith(page.api);
  });

  const settings: [
    name: string,
    data: Record<string, string>,
    check: (host: HTMLElement) => unknown,
    expected: unknown,
  ][] = [
    ['position', { position: 'left' }, (host) => host.dataset['position'], 'left'],
    ['position, when wrong', { position: 'middle' }, (host) => host.dataset['position'], 'right'],
    ['theme', { theme: 'auto' }, (host) => host.dataset['theme'], 'auto'],
    ['colour', { color: '#e60012' }, (host) => host.style.getPropertyValue('--brand'), '#e60012'],
    ['a light colour gets dark text', { color: '#ffd400' }, (host) => host.hasAttribute('data-dark-ink'), true],
    [
      'language',
      { lang: 'en' },
      (host) => host.shadowRoot?.querySelector('.launcher')?.getAttribute('aria-label'),
      'Chat with us',
    ],
  ];
  test.each(settings)('sets the %s', (_name, data, check, expected) => {
    new Page(data);
    expect(check(document.querySelector('yizhan-chat') as HTMLElement)).toEqual(expected);
  });

  it('the account’s colour is used where the page names none', async () => {
    const page = new Page();
    page.stage.routes['POST /session'] = () => ({
      json: session({ account: { name: 'x', locale: 'zh-CN', color: '#e60012' } }),
    });
    await page.open();
    expect((document.querySelector('yizhan-chat') as HTMLElement).style.getPropertyValue('--brand')).toBe('#e60012');
  });
});

describe('the script element', () => {
  const element = (data: Record<string, string>, src = 'https://chat.example/widget.js'): HTMLScriptElement => {
    const script = document.createElement('script');
    script.src = src;
    Object.assign(script.dataset, data);
    return script;
  };
  const bases: [src: string, base: string][] = [
    ['https://chat.example/widget.js', 'https://chat.example/'],
    ['https://chat.example/support/widget.js?v=3', 'https://chat.example/support/'],
  ];
  test.each(bases)('from %s the gateway is at %s', (src, base) => {
    expect(readConfiguration(element({ account: 'demo' }, src)).base).toBe(base);
  });

  it('without an account it says what is missing', () => {
    expect(() => readConfiguration(element({}))).toThrow('data-account');
    expect(() => readConfiguration(null)).toThrow('data-account');
  });
});
