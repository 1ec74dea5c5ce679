// @vitest-environment node
import { describe, expect, test } from 'vitest'
import { Problem } from '@/api/problem'
import type { Content } from '@/api/types'
import { firstLocale, i18n } from '@/i18n'
import { characters, countdown, customerName, duration, explain, milliseconds, money, moment, named, preview, relative, type Translate } from '@/i18n/words'

const t: Translate = (key, values) => i18n.global.t(key, values ?? {})
const exists = (key: string) => i18n.global.te(key)
const now = new Date(2026, 10, 22, 14, 0, 0).getTime()
const iso = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString()

describe('times', () => {
  test.each([
    ['a moment ago', iso(2026, 10, 22, 13, 59), '1 分钟前'],
    ['within the minute', new Date(now - 20_000).toISOString(), '刚刚'],
    ['this morning', iso(2026, 10, 22, 9, 5), '09:05'],
    ['yesterday', iso(2026, 10, 21, 23, 50), '昨天 23:50'],
    ['earlier this year', iso(2026, 9, 1, 8, 0), '10-01'],
    ['another year', iso(2025, 11, 31, 8, 0), '2025-12-31'],
    ['not a time', 'nonsense', ''],
  ])('a list row of %s', (_, at, words) => {
    expect(relative(at, now, t)).toBe(words)
  })

  test('a separator names the day where it is not today', () => {
    expect(moment(iso(2026, 10, 22, 9, 5), now, t)).toBe('今天 09:05')
    expect(moment(iso(2026, 10, 20, 9, 5), now, t)).toBe('11-20 09:05')
  })

  test.each([
    [-5, '0 秒'],
    [59_999, '59 秒'],
    [60_000, '1 分'],
    [200_000, '3 分 20 秒'],
    [7_500_000, '2 小时 5 分'],
    [180_000_000, '2 天 2 小时'],
  ])('%d ms are "%s"', (ms, words) => {
    expect(duration(ms, t)).toBe(words)
  })

  test('a countdown shows whole seconds and stops at nothing', () => {
    expect([90_000, 59_100, 100, 0, -3].map(countdown)).toEqual(['1:30', '1:00', '0:01', '0:00', '0:00'])
  })
})

test('customers without a name are told apart', () => {
  expect(customerName({ id: 'u:1', name: '王若兰' }, t)).toBe('王若兰')
  expect(customerName({ id: 'v:SNKpcep8qL1M', name: '' }, t)).toBe('访客 qL1M')
})

describe('figures', () => {
  test.each([
    [0.42, '0.4 ms'],
    [38.4, '38 ms'],
    [1240, '1.24 s'],
    [65_000, '65.0 s'],
  ])('a latency of %d ms', (ms, words) => {
    expect(milliseconds(ms)).toBe(words)
  })

  test('money is shown in the major unit', () => {
    expect(money(12_999, 'CNY')).toBe('¥129.99')
    expect(money(500, 'USD')).toBe('5.00 USD')
    expect(money(1000, 'JPY')).toBe('1000 JPY')
    expect(money(150_000, 'VND')).toBe('150000 VND')
    expect(money(9_900_050, 'IDR')).toBe('99000.50 IDR')
    expect(money(3500, 'KWD')).toBe('3.500 KWD')
  })

  test('characters are counted as the gateway counts them', () => {
    expect(characters('你好👋')).toBe(3)
  })
})

describe('messages in one line', () => {
  const media = { id: 'm', mime: 'application/pdf', name: 'form.pdf', size: 1, url: '/media/m' }
  test.each<[Content, string]>([
    [{ type: 'text', text: 'hello' }, 'hello'],
    [{ type: 'image', media }, '[图片]'],
    [{ type: 'file', media }, '[文件] form.pdf'],
    [{ type: 'choice', menu_id: 'm', option_id: '5', label: '' }, '5'],
    [{ type: 'menu', menu_id: 'm', prompt: '满意吗？', options: [] }, '满意吗？'],
  ])('%j is "%s"', (content, words) => {
    expect(preview(content, t)).toBe(words)
  })
})

describe('codes and problems', () => {
  test('a code that the catalogue does not know is shown as it is', () => {
    expect(named('handoff', 'complaint', t, exists)).toBe('投诉')
    expect(named('handoff', 'brand_new_reason', t, exists)).toBe('brand_new_reason')
    expect(named('reason', '客户原话', t, exists)).toBe('客户原话')
  })

  test('a problem is explained by its code where that is known, else by its kind', () => {
    expect(explain(new Problem('conflict', { code: 'offer_gone' }), t, exists)).toBe('这个会话已不再等待你接入')
    expect(explain(new Problem('conflict', { code: 'other' }), t, exists)).toBe('状态已变化，请刷新后重试')
    expect(explain(new TypeError('bug'), t, exists)).toBe('服务器出错了，请稍后重试')
  })
})

test.each([
  ['what was chosen before', 'en', ['zh-CN'], 'en'],
  ['a Chinese browser', null, ['zh-TW', 'en'], 'zh-CN'],
  ['an English browser', null, ['en-GB', 'zh'], 'en'],
  ['any other browser', null, ['fr-FR'], 'zh-CN'],
  ['nonsense in storage', 'xx', [], 'zh-CN'],
] as const)('the first language with %s', (_, stored, browser, locale) => {
  expect(firstLocale(stored, browser)).toBe(locale)
})
