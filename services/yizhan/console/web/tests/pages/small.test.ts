import { describe, expect, test } from 'vitest'
import { workerTimers } from '@/gateway'
import { refusalOfFile } from '@/pages/inbox/attachments'
import { templateCsv } from '@/pages/knowledge/import/template'
import { generatePassword } from '@/pages/users/password'
import { firstPage, maySee, pages } from '@/stores/access'

describe('files that may be sent', () => {
  const file = (name: string, type: string, size = 10) => new File([new Uint8Array(size)], name, { type })
  test.each([
    ['a photo', file('a.JPG', 'image/jpeg'), null],
    ['a pasted picture without a name', file('image', 'image/png'), null],
    ['a table', file('a.xlsx', 'application/x'), null],
    ['SVG, which can carry scripts', file('a.svg', 'image/svg+xml'), { why: 'type' }],
    ['a web page', file('a.html', 'text/html'), { why: 'type' }],
    ['a programme', file('a.exe', ''), { why: 'type' }],
    ['a photo that is too large', file('a.png', 'image/png', 11 * 1024 * 1024), { why: 'size', limitBytes: 10 * 1024 * 1024 }],
  ])('%s', (_, given, expected) => {
    expect(refusalOfFile(given)).toEqual(expected)
  })
})

test('the template opens in Excel with its Chinese intact and has the columns that an import asks for', () => {
  const header = (locale: string) => templateCsv(locale).split('\r\n')[0]
  expect(header('zh-CN')).toBe('\uFEFF编号,分类,问题,相似问法,答案')
  expect(header('en')).toBe('\uFEFFid,category,question,paraphrases,answer')
})

test('generated passwords are long, different and readable', () => {
  const made = new Set(Array.from({ length: 50 }, generatePassword))
  expect(made.size).toBe(50)
  for (const password of made) expect(password).toMatch(/^[a-km-zA-HJ-NP-Z2-9]{16}$/)
})

describe('doors', () => {
  test.each([
    ['agent', ['inbox', 'tickets', 'search', 'replies', 'profile']],
    ['editor', ['knowledge', 'replies', 'profile']],
    ['supervisor', ['inbox', 'tickets', 'search', 'knowledge', 'replies', 'board', 'numbers', 'team', 'hours', 'profile']],
    ['admin', ['inbox', 'tickets', 'search', 'knowledge', 'replies', 'board', 'numbers', 'team', 'hours', 'users', 'profile']],
  ] as const)('%s sees %j', (role, open) => {
    expect(pages.filter((page) => maySee(page, [role]))).toEqual(open)
    expect(firstPage([role])).toBe(open[0])
  })
})

describe('timers that survive the background', () => {
  class FakeWorker {
    onmessage: ((event: { data: number }) => void) | null = null
    onerror: (() => void) | null = null
    orders: { id: number; ms: number | null }[] = []
    postMessage(order: { id: number; ms: number | null }): void {
      this.orders.push(order)
    }
  }
  const started = () => {
    const worker = new FakeWorker()
    return { worker, timers: workerTimers(() => worker as unknown as Worker) }
  }

  test('the worker says when, a cleared one stays silent', () => {
    const { worker, timers } = started()
    const ran: string[] = []
    timers.set(() => ran.push('first'), 10)
    const second = timers.set(() => ran.push('second'), 20)
    timers.clear(second)
    worker.onmessage?.({ data: 1 })
    worker.onmessage?.({ data: 2 })
    expect(ran).toEqual(['first'])
    expect(worker.orders.at(-1)).toEqual({ id: 2, ms: null })
  })

  test('without a worker the page keeps the time', async () => {
    const { worker, timers } = started()
    const done = new Promise<void>((resolve) => timers.set(resolve, 1))
    worker.onerror?.()
    await done
    const refused = workerTimers(() => {
      throw new Error('no workers here')
    })
    await new Promise<void>((resolve) => refused.set(resolve, 1))
  })
})
