import { afterEach, describe, expect, test } from 'vitest'
import { useRouter } from 'vue-router'
import { defineComponent, h } from 'vue'
import type { Endpoints } from '@/api/endpoints'
import { dayStart, messageQuery, type FoundMessage, type FoundPage, type MessageSearch } from '@/api/search'
import { Problem } from '@/api/problem'
import { i18n } from '@/i18n'
import { piecesOf } from '@/pages/search/pieces'
import SearchPage from '@/pages/search/SearchPage.vue'
import { conditions, queryOf, searchIn } from '@/pages/search/wanted'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../mount'

const wanted = (change: Partial<MessageSearch> = {}): MessageSearch => ({ q: '发票', by: [], channel: [], agent: '', conversation: '', customer: '', from: '', to: '', ...change })

describe('an excerpt', () => {
  test.each([
    ['我要发票', [[2, 4]], ['我要', '[发票]']],
    ['发票，发票', [[0, 2], [3, 5]], ['[发票]', '，', '[发票]']],
    ['😀😀发票', [[2, 4]], ['😀😀', '[发票]']],
    ['我要发票', [], ['我要发票']],
    ['发票', [[0, 9]], ['[发票]']],
  ] as [string, [number, number][], string[]][])('%s', (text, hits, expected) => {
    expect(piecesOf(text, hits).map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))).toEqual(expected)
  })
})

describe('what is searched', () => {
  test('stands in the address and is read back from it', () => {
    const asked = wanted({ by: ['agent', 'note'], channel: ['wechat'], agent: 'a-1', from: '2026-11-01' })
    expect(searchIn(queryOf(asked) as never)).toEqual(asked)
    expect(conditions(asked)).toBe(4)
    expect(conditions(wanted())).toBe(0)
  })

  test('what means nothing is left out of it', () => {
    expect(searchIn({ q: '发票', by: ['king', 'customer'], from: 'yesterday' })).toEqual(wanted({ by: ['customer'] }))
  })

  test('days are those of the person, the last one whole', () => {
    const query = new URLSearchParams(messageQuery(wanted({ from: '2026-11-22', to: '2026-11-22', by: ['customer', 'agent'] }), 'next'))
    const [from, to] = [query.get('from') ?? '', query.get('to') ?? '']
    expect(Date.parse(to) - Date.parse(from)).toBe(86_400_000)
    expect(new Date(from).getHours()).toBe(0)
    expect(query.getAll('by')).toEqual(['customer', 'agent'])
    expect(query.get('cursor')).toBe('next')
    expect(dayStart('nonsense')).toBe('')
  })
})

describe('the page', () => {
  let mounted: Mounted | undefined
  let gateway: FakeGateway
  let go: (path: string) => Promise<unknown>

  const message = (seq: number, change: Partial<FoundMessage> = {}): FoundMessage => ({
    conversation_id: 'c1', seq, note: null, session: 1, by: 'customer', author: { id: 'v:1', name: '' }, at: '2026-11-22T04:00:00Z', channel: 'website',
    customer_name: '王芳', excerpt: '我要发票', hits: [[2, 4]], ...change,
  })
  const page = (items: FoundMessage[], change: Partial<FoundPage> = {}): FoundPage => ({ items, next: null, complete: true, days: 730, ...change })

  async function open(path: string, answer: Endpoints['searchMessages']): Promise<Mounted> {
    const pinia = freshPinia()
    i18n.global.locale.value = 'zh-CN'
    gateway = fakeGateway({ searchMessages: answer, agents: () => Promise.resolve({ items: [] }) })
    const Holder = defineComponent(() => {
      const router = useRouter()
      go = (to) => router.push(to)
      return () => h(SearchPage)
    })
    mounted = mount(Holder, {}, pinia)
    await go(path)
    await settle()
    return mounted
  }
  const asked = () => gateway.calls.filter((call) => call.name === 'searchMessages')

  afterEach(() => mounted?.app.unmount())

  test('shows what was said, marked, and leads to the message', async () => {
    const shown = await open('/search?q=发票', () => Promise.resolve(page([message(3), message(5, { by: 'note', author: { id: 'a', name: '小周' } })])))
    const [first, second] = [...document.querySelectorAll<HTMLElement>('[data-testid=found]')]
    expect(first?.getAttribute('href')).toBe('/inbox/all/c1?at=3')
    expect(first?.querySelector('mark')?.textContent).toBe('发票')
    expect(first?.textContent).toContain('王芳')
    expect(second?.textContent).toContain('小周')
    expect(second?.textContent).toContain('与王芳的会话')
    expect(shown.find('search-in-tickets').getAttribute('href')).toContain('/tickets?text=')
  })

  test('asks when Enter is pressed, and not with every letter', async () => {
    const shown = await open('/search', () => Promise.resolve(page([])))
    const input = shown.root.querySelector<HTMLInputElement>('[data-testid=search-words]') ?? shown.find<HTMLInputElement>('search-words')
    input.value = '发票'
    input.dispatchEvent(new Event('input'))
    await settle()
    expect(asked()).toEqual([])
    shown.root.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
    await settle()
    await settle()
    expect(asked().map((call) => (call.args[0] as MessageSearch).q)).toEqual(['发票'])
    expect(shown.root.textContent).toContain('没有找到')
  })

  test('a page that looked long enough and found nothing yet can go on', async () => {
    const answers = [page([], { next: 'p2' }), page([message(9)], { complete: false })]
    const shown = await open('/search?q=发票', () => Promise.resolve(answers.shift() as FoundPage))
    expect(shown.root.textContent).not.toContain('没有找到')
    shown.find('search-more').click()
    await settle()
    expect(asked()[1]?.args[1]).toBe('p2')
    expect(document.querySelectorAll('[data-testid=found]')).toHaveLength(1)
    expect(shown.maybe('search-incomplete')).not.toBeNull()
  })

  test('says why nothing could be searched, and tries again', async () => {
    let broken = true
    const shown = await open('/search?q=。', () => (broken ? Promise.reject(new Problem('invalid', { status: 422, code: 'query_empty' })) : Promise.resolve(page([message(1)]))))
    expect(shown.root.textContent).toContain('没有可以搜索的词')
    broken = false
    ;[...shown.root.querySelectorAll('button')].find((button) => button.textContent?.includes('重试'))?.click()
    await settle()
    expect(document.querySelectorAll('[data-testid=found]')).toHaveLength(1)
  })

  test('an answer that was overtaken by another question is not shown', async () => {
    const waiting: ((page: FoundPage) => void)[] = []
    await open('/search?q=发票', () => new Promise((done) => waiting.push(done)))
    await go('/search?q=退款')
    await settle()
    waiting[1]?.(page([message(2, { excerpt: '退款' })]))
    waiting[0]?.(page([message(1)]))
    await settle()
    expect([...document.querySelectorAll('[data-testid=found]')].map((one) => one.getAttribute('data-seq'))).toEqual(['2'])
  })
})
