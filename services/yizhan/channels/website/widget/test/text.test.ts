import { describe, expect, it, test } from 'vitest';

import { contrast, palette } from '../src/text/color';
import { clockTime, fileSize, money } from '../src/text/format';
import { WORDS } from '../src/text/i18n';
import { isComposing, sendsMessage } from '../src/text/ime';
import { initials } from '../src/text/initials';
import { chooseLang, type Lang } from '../src/text/lang';
import { linkify, safeUrl } from '../src/text/linkify';
import { preview } from '../src/text/preview';

describe('addresses in text', () => {
  const cases: [name: string, text: string, links: string[]][] = [
    ['none', '没有链接，只有文字。', []],
    ['alone', 'https://a.example/x', ['https://a.example/x']],
    ['ends at Chinese punctuation', '见https://a.example/x，谢谢', ['https://a.example/x']],
    ['ends at Chinese characters without a space', '打开https://a.example/x查看', ['https://a.example/x']],
    ['ends at a Chinese bracket', '（https://a.example/x）', ['https://a.example/x']],
    ['ends at a Chinese quotation mark', '“https://a.example/x”', ['https://a.example/x']],
    ['without the full stop of the sentence', 'See https://a.example/x.', ['https://a.example/x']],
    ['without several marks', 'Really https://a.example/x?!...', ['https://a.example/x']],
    ['keeps its own brackets', 'https://a.example/x_(y)', ['https://a.example/x_(y)']],
    ['drops a bracket that was opened before', '(https://a.example/x)', ['https://a.example/x']],
    ['query, fragment and port', 'http://a.example:8080/p?q=1&r=2#s', ['http://a.example:8080/p?q=1&r=2#s']],
    ['two in one line', 'https://a.example https://b.example/', ['https://a.example', 'https://b.example/']],
    ['capital letters', 'HTTPS://A.EXAMPLE/X', ['HTTPS://A.EXAMPLE/X']],
    ['a script is no address', 'javascript:alert(1)', []],
    ['data is no address', 'data:text/html,<b>x</b>', []],
    ['a script behind an address is text', 'https://a.example"onclick="x', ['https://a.example']],
    ['markup is text', '<a href="https://a.example/x">x</a>', ['https://a.example/x']],
    ['a scheme alone is no address', 'https:// and http://', []],
    ['mail and bare names stay text', 'a@b.example www.a.example', []],
  ];
  test.each(cases)('%s', (_name, text, links) => {
    const pieces = linkify(text);
    expect(pieces.filter((piece) => piece.href).map((piece) => piece.text)).toEqual(links);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    for (const { href } of pieces) if (href) expect(href).toMatch(/^https?:\/\/\S+$/);
  });

  const addresses: [address: string, safe: string | null][] = [
    ['https://a.example/x', 'https://a.example/x'],
    ['/media/1', 'https://chat.example/media/1'],
    ['javascript:alert(1)', null],
    ['JaVaScRiPt:alert(1)', null],
    ['\u0001javascript:alert(1)', null],
    ['data:text/html,x', null],
    ['vbscript:x', null],
    ['blob:https://a.example/x', null],
    ['http://', null],
  ];
  test.each(addresses)('an element is only ever given web addresses: %j', (address, safe) => {
    expect(safeUrl(address, 'https://chat.example/')).toBe(safe);
  });

  it('takes a long line of brackets without hanging', () => {
    const started = performance.now();
    linkify(`https://a${')'.repeat(100_000)}`);
    linkify(`https://a${').'.repeat(100_000)}`);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('Enter while writing Chinese', () => {
  const key = (change: object): KeyboardEvent =>
    ({ key: 'Enter', shiftKey: false, altKey: false, ...change }) as KeyboardEvent;
  const cases: [name: string, event: KeyboardEvent, sends: boolean][] = [
    ['sends', key({}), true],
    ['with Control sends', key({ ctrlKey: true }), true],
    ['with Shift begins a line', key({ shiftKey: true }), false],
    ['with Alt begins a line', key({ altKey: true }), false],
    ['picks a candidate while composing', key({ isComposing: true }), false],
    [
      'picks a candidate where the composition has just ended (Safari)',
      key({ isComposing: false, keyCode: 229 }),
      false,
    ],
    ['picks a candidate in old in-app browsers', key({ which: 229 }), false],
    ['is not another key', key({ key: 'a' }), false],
  ];
  test.each(cases)('%s', (_name, event, sends) => {
    expect(sendsMessage(event)).toBe(sends);
  });

  it('other keys of a composition are recognised', () => {
    expect(isComposing({ isComposing: true })).toBe(true);
    expect(isComposing({ keyCode: 13 })).toBe(false);
  });
});

describe('words', () => {
  const languages = Object.keys(WORDS) as Lang[];
  const flatten = (words: object, path = ''): [string, unknown][] =>
    Object.entries(words).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null
        ? flatten(value as object, `${path}${name}.`)
        : [[path + name, value]],
    );

  test.each(languages)('%s says everything that the others say', (lang) => {
    const own = flatten(WORDS[lang]);
    const other = flatten(WORDS['zh-CN']);
    expect(own.map(([name]) => name)).toEqual(other.map(([name]) => name));
    for (const [index, [name, value]] of own.entries()) {
      expect(typeof value, name).toBe(typeof other[index]?.[1]);
      const text = typeof value === 'function' ? (value as (given: unknown) => string)(2) : (value as string);
      expect(text.trim(), name).not.toBe('');
    }
  });

  it('Chinese and English are not mixed up', () => {
    const text = (words: object): string =>
      flatten(words)
        .map(([, value]) =>
          typeof value === 'function' ? (value as (given: unknown) => string)(2) : (value as string),
        )
        .join(' ');
    expect(text(WORDS.en)).not.toMatch(/[\u3400-\u9fff]/);
    expect(text(WORDS['zh-CN'])).not.toMatch(/[A-Za-z]{2}/);
  });

  const wishes: [wishes: (string | null | undefined)[], lang: Lang][] = [
    [['zh-CN'], 'zh-CN'],
    [['zh-TW'], 'zh-CN'],
    [['en', 'zh-CN'], 'en'],
    [['EN-us'], 'en'],
    [['', 'zh'], 'zh-CN'],
    [['auto', '', 'en-GB'], 'en'],
    [['fr', 'de'], 'en'],
    [['fr', 'zh-CN'], 'zh-CN'],
    [['', undefined, null], 'zh-CN'],
    [['auto'], 'zh-CN'],
  ];
  test.each(wishes)('of the wishes %j it speaks %s', (given, lang) => {
    expect(chooseLang(...given)).toBe(lang);
  });
});

describe('figures', () => {
  const now = new Date(2026, 0, 5, 15, 0).getTime();
  const times: [at: Date, zh: string, en: string][] = [
    [new Date(2026, 0, 5, 9, 5), '09:05', '09:05'],
    [new Date(2026, 0, 5, 0, 0), '00:00', '00:00'],
    [new Date(2026, 0, 4, 23, 59), '昨天 23:59', 'Yesterday 23:59'],
    [new Date(2026, 0, 1, 8, 0), '1月1日 08:00', 'Jan 1, 08:00'],
    [new Date(2025, 11, 31, 8, 0), '2025年12月31日 08:00', 'Dec 31, 2025, 08:00'],
  ];
  test.each(times)('%s is told as %s, %s', (at, zh, en) => {
    expect(clockTime(at.getTime(), now, 'zh-CN')).toBe(zh);
    expect(clockTime(at.getTime(), now, 'en')).toBe(en);
  });

  it('a time that is none is not shown', () => {
    expect(clockTime(NaN, now, 'zh-CN')).toBe('');
  });

  const amounts: [minor: number, currency: string, text: string][] = [
    [26900, 'CNY', '¥269.00'],
    [5, 'CNY', '¥0.05'],
    [123456789, 'CNY', '¥1,234,567.89'],
    [1500, 'JPY', '¥1,500'],
    [150000, 'VND', '₫150,000'],
    [9900000, 'IDR', 'Rp\u00a099,000.00'],
    [3500, 'KWD', 'KWD\u00a03.500'],
    [-100, 'USD', '-$1.00'],
    [100, 'nonsense', 'nonsense 1.00'],
  ];
  test.each(amounts)('%i %s is %s', (minor, currency, text) => {
    expect(money(minor, currency, 'zh-CN')).toBe(text);
  });

  const sizes: [bytes: number, text: string][] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KB'],
    [1_572_864, '1.5 MB'],
    [10_485_760, '10 MB'],
  ];
  test.each(sizes)('%i bytes are %s', (bytes, text) => {
    expect(fileSize(bytes)).toBe(text);
  });

  const names: [name: string, text: string][] = [
    ['林晓月', '晓月'],
    ['小林', '小林'],
    ['Ada Lovelace King', 'AL'],
    ['ada', 'A'],
    [' ', ''],
  ];
  test.each(names)('the picture of %j says %j', (name, text) => {
    expect(initials(name)).toBe(text);
  });
});

describe('the business’s colour', () => {
  const colors = ['#2f5d50', '#1769e0', '#ffd400', '#fff', '#000', '#e60012', '#8fd3ff', '#777777', 'hotpink', ''];
  test.each(colors)('%s stays readable', (color) => {
    const { brand, ink, link, linkDark } = palette(color);
    expect(contrast(brand, ink)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(link, '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(link, '#f4f5f7')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(linkDark, '#26292e')).toBeGreaterThanOrEqual(6);
  });

  it('is left alone when it is readable as it is', () => {
    expect(palette('#2f5d50')).toMatchObject({ brand: '#2f5d50', ink: '#ffffff', link: '#2f5d50' });
  });

  it('keeps its hue on the dark panel, where grey looks switched off', () => {
    const [red, green, blue] = (palette('#2f5d50').linkDark.match(/[\da-f]{2}/g) ?? []).map((part) => parseInt(part, 16));
    expect(red! / green!).toBeCloseTo(0x2f / 0x5d, 1);
    expect(blue! / green!).toBeCloseTo(0x50 / 0x5d, 1);
  });
});

describe('a message in one line', () => {
  const words = WORDS['zh-CN'];
  const media = { id: 'x', mime: '', name: 'a.png', size: 1, width: 0, height: 0, url: '' };
  const cases: [content: Parameters<typeof preview>[1], text: string][] = [
    [{ type: 'text', text: '您好' }, '您好'],
    [{ type: 'menu', menu_id: 'm', prompt: '哪个问题？', options: [] }, '哪个问题？'],
    [{ type: 'image', media }, '[图片]'],
    [{ type: 'file', media }, '[文件]'],
    [{ type: 'link', url: '', title: '指南', description: '' }, '指南'],
    [{ type: 'order', order_id: '1', status: '', goods: [], total_minor: 0, currency: 'CNY', url: '' }, '订单'],
    [{ type: 'hologram' } as never, ''],
  ];
  test.each(cases)('%j', (content, text) => {
    expect(preview(words, content)).toBe(text);
  });
});
