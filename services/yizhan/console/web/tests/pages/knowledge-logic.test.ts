// @vitest-environment node
import { describe, expect, test } from 'vitest'
import type { FullEntry, Report, Training } from '@/api/types'
import { tabOf } from '@/pages/knowledge/tabs'
import { placed, problemsOf } from '@/pages/knowledge/documents/problems'
import { clashes, merged } from '@/pages/knowledge/entries/conflict'
import { backwards, duplicates, emptyForm, entryIn, formOf, freeChannels, same, validityOf } from '@/pages/knowledge/entries/form'
import { definedIn, namesIn, pieces } from '@/pages/knowledge/entries/variables'
import { refusalOf } from '@/pages/knowledge/import/file'
import { chart, FRAME, thinned } from '@/pages/knowledge/releases/curve'
import { fallsShort, rightFirst } from '@/pages/knowledge/releases/proof'
import { fallWords } from '@/pages/knowledge/releases/words'
import { i18n } from '@/i18n'
import { percent } from '@/pages/knowledge/releases/percent'

const media = { id: 'f'.repeat(64), mime: 'image/png', name: 'kiln.png', size: 9, url: '/media/signed-1' }
const entry: FullEntry = {
  id: 'cup',
  question: '茶杯是哪里烧的',
  paraphrases: ['茶杯产地', '杯子哪里烧制'],
  answer: '在{{城市}}烧制。',
  category: '商品',
  variants: { wechat: '景德镇。', website: '在景德镇烧制，欢迎参观。' },
  valid_from: '2026-11-01',
  valid_until: null,
  attachments: [
    { type: 'image', media },
    { type: 'goods', goods_id: 'c1', title: '茶杯', price_minor: 9_900, currency: 'CNY' },
  ],
}

describe('an entry in the form', () => {
  test('goes out as it came in, files by their ids alone', () => {
    const out = entryIn(formOf(entry))
    expect(out).toMatchObject({ id: 'cup', paraphrases: entry.paraphrases, variants: entry.variants, valid_from: '2026-11-01', valid_until: null })
    expect(out.attachments).toEqual([
      { type: 'image', media: { id: media.id } },
      { type: 'goods', goods_id: 'c1', title: '茶杯', price_minor: 9_900, currency: 'CNY', image_url: '', url: '' },
    ])
  })

  test('is unchanged by blanks, empty lines and the passing address of a picture', () => {
    const form = formOf(entry)
    form.paraphrases = ` 茶杯产地 \n\n杯子哪里烧制\n`
    form.attachments[0] = { type: 'image', media: { ...media, url: '/media/signed-2' } }
    expect(same(form, formOf(entry))).toBe(true)
    form.answer += '！'
    expect(same(form, formOf(entry))).toBe(false)
  })

  test('an emptied variant is no variant, and its channel can be added again', () => {
    const form = formOf(entry)
    expect(freeChannels(form)).toEqual(['app', 'ecommerce', 'email'])
    form.variants[0]!.text = ' '
    expect(Object.keys(entryIn(form).variants)).toEqual(['wechat'])
  })

  test.each([
    ['a phrasing twice', { question: '怎么退货', paraphrases: '如何退货\n如何退货' }, ['如何退货']],
    ['the question again, in full width', { question: 'APP怎么下载', paraphrases: 'ａｐｐ怎么下载' }, ['ａｐｐ怎么下载']],
    ['different ones', { question: '怎么退货', paraphrases: '如何退货' }, []],
    ['nothing yet', { question: '', paraphrases: '' }, []],
  ])('duplicates: %s', (_, given, expected) => {
    expect(duplicates({ ...emptyForm(), ...given })).toEqual(expected)
  })

  test.each([
    ['2026-11-22', '2026-11-21', true],
    ['2026-11-22', '2026-11-22', false],
    ['', '2026-11-21', false],
  ])('from %j until %j is backwards: %s', (valid_from, valid_until, expected) => {
    expect(backwards({ valid_from, valid_until })).toBe(expected)
  })

  test.each([
    [null, null, 'now'],
    ['2026-11-22', '2026-11-22', 'ending'],
    [null, '2026-12-22', 'ending'],
    [null, '2026-12-23', 'now'],
    [null, '2026-11-21', 'expired'],
    ['2026-11-23', null, 'later'],
  ])('valid from %j until %j: %s', (valid_from, valid_until, expected) => {
    expect(validityOf({ valid_from, valid_until }, '2026-11-22')).toBe(expected)
  })
})

describe('variables', () => {
  test.each([
    ['拨打 {{电话}}。', ['拨打 ', '{{电话}}', '。'], ['电话']],
    ['{{ a.b-c }}{{a.b-c}}', ['{{ a.b-c }}', '{{a.b-c}}'], ['a.b-c']],
    ['\\{{电话}}', ['\\{{电话}}'], []],
    ['\\\\{{电话}}', ['\\\\', '{{电话}}'], ['电话']],
    ['{电话} {{}} {{-x}}', ['{电话} {{}} {{-x}}'], []],
  ])('%s', (text, parts, names) => {
    expect(pieces(text).map((piece) => piece.text)).toEqual(parts)
    expect(pieces(text).map((piece) => piece.text).join('')).toBe(text)
    expect(namesIn([text])).toEqual(names)
  })

  test('the names that the document defines', () => {
    expect(definedIn('电话: 0755-1234\n# 注释: x\n"地 址": y\nhours: \'9:00\'\n  nested: no\nurl:x')).toEqual(['电话', '地 址', 'hours'])
  })
})

describe('two people at one entry', () => {
  const base = formOf(entry)
  const mine = { ...formOf(entry), answer: '我的答案', category: '茶具' }
  const theirs = { ...formOf(entry), answer: '对方的答案', question: '茶杯产自哪里' }

  test('what only one changed is chosen already, what both changed is mine to begin with', () => {
    expect(clashes(base, mine, theirs).map((one) => [one.field, one.side])).toEqual([
      ['question', 'theirs'],
      ['answer', 'mine'],
      ['category', 'mine'],
    ])
  })

  test('nothing of either is lost when they are put together', () => {
    const both = merged(mine, theirs, clashes(base, mine, theirs))
    expect([both.question, both.answer, both.category]).toEqual(['茶杯产自哪里', '我的答案', '茶具'])
  })
})

describe('problems of documents', () => {
  test.each([
    ['line 3, slots[0].kind: is missing', [{ line: 3, text: 'slots[0].kind: is missing' }]],
    ['line 3, rules[0]: unknown key; line 9, lists: must be text', [{ line: 3, text: 'rules[0]: unknown key' }, { line: 9, text: 'lists: must be text' }]],
    ['line 7: not YAML', [{ line: 7, text: 'not YAML' }]],
    ['row 12: the question is empty', [{ line: 12, text: 'the question is empty' }]],
    ['precision: must be less; or so', [{ line: 0, text: 'precision: must be less; or so' }]],
  ])('%s', (detail, expected) => {
    expect(placed(detail)).toEqual(expected)
  })

  test('are those of the document; an unknown target is shown where the test question is', () => {
    const findings = [
      { kind: 'document_invalid', error: true, where: ['guards'], detail: 'line 2: not YAML' },
      { kind: 'unknown_target', error: true, where: ['gone'], detail: '还有货吗' },
    ]
    const report = { findings } as unknown as Report
    expect(problemsOf(report, 'guards', '')).toEqual([{ line: 2, text: 'not YAML' }])
    expect(problemsOf(report, 'variables', '')).toEqual([])
    expect(problemsOf(report, 'tests', '问题,条目\n还有货吗,gone\n')).toEqual([{ line: 2, text: 'gone' }])
  })
})

describe('the risk-coverage curve', () => {
  const training: Training = {
    answer_threshold: 0.8,
    clarify_threshold: 0.1,
    margin: 0.1,
    precision: 0.96,
    coverage: 0.7,
    curve: [
      { threshold: 0.1, coverage: 1, precision: 0.82 },
      { threshold: 0.9, coverage: 0.5, precision: 1 },
    ],
  }

  test('runs from little coverage to much, inside its frame', () => {
    const drawn = chart(training)
    const points = [...drawn.path.matchAll(/([\d.]+) ([\d.]+)/g)].map((match) => [Number(match[1]), Number(match[2])] as const)
    expect(points[0]![0]).toBeLessThan(points[1]![0])
    for (const [x, y] of [...points, [drawn.dot.x, drawn.dot.y] as const]) {
      expect(x >= FRAME.left && x <= FRAME.width - FRAME.right).toBe(true)
      expect(y >= FRAME.top && y <= FRAME.height - FRAME.bottom).toBe(true)
    }
    expect(drawn.up.map((mark) => percent(mark.share))).toEqual(['100%', '95%', '90%', '85%', '80%'])
  })

  test('an always right one and an empty one are drawn, too', () => {
    expect(chart({ ...training, precision: 1, curve: [{ threshold: 0, coverage: 1, precision: 1 }] }).path).not.toContain('NaN')
    expect(chart({ ...training, curve: [] }).path).toBe('')
  })

  test('the table beside it keeps the ends', () => {
    const curve = Array.from({ length: 100 }, (_, at) => ({ threshold: at, coverage: at, precision: 1 }))
    const shown = thinned(curve, 12)
    expect([shown.length, shown[0]?.threshold, shown.at(-1)?.threshold]).toEqual([12, 0, 99])
  })

  test.each([
    ['the unproven threshold of a promise of 95 %, with less', 0.85, 0.88, true],
    ['the same, as arithmetic leaves it', 0.8500000000000001, 0.95, false],
    ['a lower one that is proven', 0.6, 0.95, false],
    ['a promise of 80 %, kept at its unproven threshold', 0.544, 0.82, false],
    ['a promise of 80 %, not kept there', 0.544, 0.78, true],
    ['a promise of 99 %, which 97 % do not keep', 0.967, 0.97, true],
    ['an answer only where it is certain', 1, 0.9, false],
  ])('falls short of what was promised: %s', (_, answer_threshold, precision, short) => {
    expect(fallsShort({ ...training, answer_threshold, precision })).toBe(short)
  })

  test('the right one is first where it answers and where it is the first that is offered', () => {
    const one = (expected: string | null, got: string | null, outcome: 'right' | 'wrong' | 'unanswered', score: number) => ({ text: '', expected, got, outcome, score })
    const results = [
      one('cup', 'cup', 'right', 0.9),
      one('cup', 'cup', 'unanswered', 0.1),
      one('cup', 'cup', 'unanswered', 0.09), // too doubtful to be asked back: a person answers
      one('cup', 'pot', 'unanswered', 0.5),
      one('cup', 'pot', 'wrong', 0.9),
      one('cup', null, 'unanswered', 0),
      one(null, null, 'right', 0),
      one(null, 'cup', 'wrong', 0.9),
    ]
    expect(rightFirst(results, training)).toEqual({ answerable: 6, answered: 1, asked: 1, first: 2 })
  })
})

test.each([
  [0.965, '96.5%'],
  [1, '100%'],
  [0.9, '90%'],
  [0, '0%'],
])('a share of %d is %s', (share, words) => {
  expect(percent(share)).toBe(words)
})

test.each([
  [{ name: '知识.MD', size: 5 }, null],
  [{ name: 'faq.jsonl', size: 30_000_000 }, null],
  [{ name: 'faq.csv', size: 30_000_001 }, 'tooBig'],
  [{ name: 'faq.xls', size: 5 }, 'wrongType'],
])('importing %j: %s', (file, expected) => {
  expect(refusalOf(file)).toBe(expected)
})

test('an address without a part, or with one that is not there, leads to the entries', () => {
  expect([undefined, 'nonsense', 'releases'].map(tabOf)).toEqual(['entries', 'entries', 'releases'])
})

test.each([
  ['error', 'unknown_variable: cup: 电话', '检查出的错误：变量没有定义: cup: 电话'],
  ['error', 'brand_new: cup: x', '检查出的错误：brand_new: cup: x'],
  ['question', '还有货吗', '原来答对、现在没有答对：还有货吗'],
  ['brand_new', 'something', 'something'],
])('a fall %s: %s', (kind, detail, words) => {
  expect(fallWords({ kind, detail, before: 0, after: 0 }, (key, named) => i18n.global.t(key, named ?? {}))).toBe(words)
})
