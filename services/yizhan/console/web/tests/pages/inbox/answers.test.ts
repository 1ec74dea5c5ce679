/** Answers beside the reply box: shown for the customer's latest words, taken, edited, sent, and told. */

import { beforeEach, describe, expect, test } from 'vitest'
import { createPinia, setActivePinia, type Pinia } from 'pinia'
import { Problem } from '@/api/problem'
import type { Suggested, SuggestionUse } from '@/api/types'
import AnswersPanel from '@/pages/inbox/answers/AnswersPanel.vue'
import MessageComposer from '@/pages/inbox/MessageComposer.vue'
import { usePending } from '@/stores/pending'
import { useSuggestions } from '@/stores/suggestions'
import { conversation } from '../../live/fakes'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

const PAUSE = 1_000

function answer(id: string, change: Partial<Suggested> = {}): Suggested {
  return { entry_id: id, question: `问 ${id}`, text: `答 ${id}`, score: 0.9, category: '', attachments: [], ...change }
}
const picture = { type: 'image' as const, media: { id: 'f'.repeat(64), mime: 'image/png', name: '尺码表.png', size: 9, url: '/media/f' } }

let pinia: Pinia
let gateway: FakeGateway
/** What the gateway has for the customer's last words: answers, or a failure. */
let known: Suggested[] | Problem
let held: { resolve: () => void; items: Suggested[] }[]
let slow: boolean
/** An agent has answered them already. */
let answered: boolean

beforeEach(() => {
  pinia = freshPinia()
  known = [answer('ship'), answer('back', { score: 0.4 })]
  held = []
  slow = false
  answered = false
  gateway = fakeGateway({
    suggestions: (() => {
      if (known instanceof Problem) throw known
      const found = { items: known, message_id: answered ? null : 'm', release_id: 'r' }
      if (!slow) return found
      return new Promise((resolve) => held.push({ resolve: () => resolve(found), items: found.items }))
    }) as never,
    say: () => ({ message_id: 'm1' }) as never,
    typing: () => undefined as never,
  })
  usePending().start('me', () => undefined)
})

const asked = () => gateway.calls.filter((call) => call.name === 'suggestions').length
const offered = () => [...document.querySelectorAll<HTMLElement>('[data-testid="suggestions"] [data-testid="answer"]')].map((one) => one.dataset['entry'])

async function panel(): Promise<Mounted> {
  const page = mount(AnswersPanel, { conversation: conversation('a') }, pinia)
  await settle()
  return page
}

describe('answers to the customer’s latest words', () => {
  test('are shown with how sure they are', async () => {
    useSuggestions().follow('a', 3)
    const page = await panel()
    expect(offered()).toEqual(['ship', 'back'])
    expect(page.find('answer-score').textContent).toContain('90%')
  })

  test('are looked up anew when the customer writes again, once for several messages in a row', async () => {
    const suggestions = useSuggestions()
    suggestions.follow('a', 3)
    await panel()
    known = [answer('fee')]
    for (const seq of [4, 5, 6]) suggestions.follow('a', seq)
    gateway.timers.pass(PAUSE)
    await settle()
    expect(offered()).toEqual(['fee'])
    expect(asked()).toBe(2)
  })

  test('of older words never replace those of newer ones', async () => {
    const suggestions = useSuggestions()
    slow = true
    suggestions.follow('a', 3)
    await panel()
    known = [answer('fee')]
    suggestions.follow('a', 4)
    gateway.timers.pass(PAUSE)
    await settle()
    held[1]?.resolve()
    await settle()
    held[0]?.resolve()
    await settle()
    expect(offered()).toEqual(['fee'])
  })

  test('nothing is offered where nothing is near, and the panel says so', async () => {
    known = []
    useSuggestions().follow('a', 3)
    const page = await panel()
    expect(offered()).toEqual([])
    expect(page.find('suggestions-none').textContent).toContain('没有接近的答案')
  })

  test('where the customer waits for no answer, that is not called a gap in the knowledge', async () => {
    known = []
    answered = true
    useSuggestions().follow('a', 3)
    const page = await panel()
    expect(page.maybe('suggestions-none')).toBeNull()
    expect(page.find('suggestions-idle').textContent).toContain('客户来信后')
  })

  test('a failure is shown and can be tried again', async () => {
    known = new Problem('offline')
    useSuggestions().follow('a', 3)
    const page = await panel()
    expect(page.find('suggestions-failed').textContent).toContain('连不上')
    known = [answer('ship')]
    page.find('suggestions-failed').querySelector('button')?.click()
    await settle()
    expect(offered()).toEqual(['ship'])
    expect(page.maybe('suggestions-failed')).toBeNull()
  })

  test('whoever has lost the conversation sees no fault, and nothing to send', async () => {
    known = new Problem('forbidden', { code: 'not_your_conversation' })
    useSuggestions().follow('a', 3)
    const page = await panel()
    expect(page.maybe('suggestions-failed')).toBeNull()
    expect(offered()).toEqual([])
  })

  test('a long answer is folded and can be unfolded', async () => {
    known = [answer('ship', { text: '很长的答案。'.repeat(40) })]
    useSuggestions().follow('a', 3)
    const page = await panel()
    expect(page.find('answer-text').classList.contains('folded')).toBe(true)
    page.root.querySelector<HTMLButtonElement>('.unfold')?.click()
    await settle()
    expect(page.find('answer-text').classList.contains('folded')).toBe(false)
  })
})

describe('taking an answer', () => {
  let composer: Mounted
  const area = () => composer.find<HTMLTextAreaElement>('composer-input')
  const exposed = () => composer.app._instance?.exposed as { insert(answer: Suggested): void }
  const told = () =>
    gateway.calls.filter((call) => call.name === 'say').map((call) => (call.args[1] as { suggestion?: SuggestionUse }).suggestion ?? null)
  const sent = () => gateway.calls.filter((call) => call.name === 'say').map((call) => (call.args[1] as { content: unknown }).content)

  async function take(place: number): Promise<void> {
    const items = useSuggestions().offered.get('a')?.items ?? []
    const chosen = items[place]
    if (!chosen) throw new Error('nothing is offered there')
    exposed().insert(chosen)
    await settle()
  }
  /** The agent takes what they found in the search box. */
  async function search(entry = 'fee'): Promise<void> {
    exposed().insert(answer(entry, { score: 0 }))
    await settle()
  }
  async function type(text: string): Promise<void> {
    area().value = text
    area().dispatchEvent(new Event('input'))
    await settle()
  }
  async function send(): Promise<void> {
    composer.find<HTMLButtonElement>('composer-send').click()
    await settle()
    const last = gateway.calls.filter((call) => call.name === 'say').at(-1)?.args[1] as { client_id: string }
    usePending().confirm('a', [{ id: 'm1', client_id: last.client_id } as never])
  }

  beforeEach(async () => {
    const suggestions = useSuggestions()
    suggestions.follow('a', 3)
    await settle()
    suggestions.saw('a')
    composer = mount(MessageComposer, { conversationId: 'a', epoch: 3, blocked: null }, pinia)
    await settle()
  })

  test('puts it into the reply box and sends nothing', async () => {
    await take(0)
    expect(area().value).toBe('答 ship')
    expect(sent()).toEqual([])
  })

  test('keeps what was typed before', async () => {
    await type('您好')
    await take(0)
    expect(area().value).toBe('您好\n答 ship')
  })

  test('new answers leave the reply box alone', async () => {
    await take(0)
    await type('答 ship，请放心')
    known = [answer('fee')]
    useSuggestions().follow('a', 9)
    gateway.timers.pass(PAUSE)
    await settle()
    expect(area().value).toBe('答 ship，请放心')
    await send()
    expect(told()).toEqual([{ entry_id: 'ship', edited: true, shown: [] }])
  })

  const cases: [string, () => Promise<void>, SuggestionUse][] = [
    ['sent as it is', () => take(0), { entry_id: 'ship', edited: false, shown: ['ship', 'back'] }],
    ['edited first', async () => { await take(1); await type('答 back 哦') }, { entry_id: 'back', edited: true, shown: ['ship', 'back'] }],
    ['copied by hand, to the letter', () => type('答 back'), { entry_id: 'back', edited: false, shown: ['ship', 'back'] }],
    ['emptied, and other words written', async () => { await take(0); await type(''); await type('我帮您查一下') }, { entry_id: '', edited: false, shown: ['ship', 'back'] }],
    ['found by searching, sent as it is', () => search(), { entry_id: 'fee', edited: false, searched: true, shown: ['ship', 'back'] }],
    ['found by searching, edited first', async () => { await search(); await type('答 fee 呢') }, { entry_id: 'fee', edited: true, searched: true, shown: ['ship', 'back'] }],
    ['found by searching, then emptied', async () => { await search(); await type(''); await type('稍等') }, { entry_id: '', edited: false, shown: ['ship', 'back'] }],
    ['found by searching what was suggested as well', () => search('back'), { entry_id: 'back', edited: false, shown: ['ship', 'back'] }],
    ['not taken at all', () => type('我帮您查一下'), { entry_id: '', edited: false, shown: ['ship', 'back'] }],
  ]
  test.each(cases)('%s: the gateway is told with the reply', async (_, work, expected) => {
    await work()
    await send()
    expect(told()).toEqual([expected])
  })

  test('what was shown is told once, not with every reply', async () => {
    await type('您好')
    await send()
    await type('稍等')
    await send()
    expect(told().map((use) => use?.shown ?? null)).toEqual([['ship', 'back'], null])
  })

  test('what is found by searching is told also where nothing was suggested', async () => {
    known = []
    useSuggestions().stop()
    useSuggestions().follow('a', 4)
    await settle()
    await search()
    await send()
    await type('谢谢')
    await send()
    expect(told()).toEqual([{ entry_id: 'fee', edited: false, searched: true, shown: [] }, null])
  })

  test('what nobody has seen is not called ignored', async () => {
    useSuggestions().stop()
    useSuggestions().follow('a', 4)
    await settle()
    await type('您好')
    await send()
    expect(told()).toEqual([null])
  })

  test('its files go along, unless the agent takes them off', async () => {
    exposed().insert(answer('size', { attachments: [picture, { type: 'link', url: 'https://shop.example/size', title: '尺码', description: '' }] }))
    await settle()
    expect(area().value).toBe('答 size\n尺码 https://shop.example/size')
    expect(composer.find('composer-files').textContent).toContain('尺码表.png')
    await send()
    await settle()
    expect(sent()).toEqual([{ type: 'text', text: '答 size\n尺码 https://shop.example/size' }, { type: 'image', media: picture.media }])
    exposed().insert(answer('size', { attachments: [picture] }))
    await settle()
    composer.find('composer-files').querySelector('button')?.click()
    await settle()
    expect(composer.maybe('composer-files')).toBeNull()
  })

  test('only its file: nothing is told of suggestions, for nothing was said', async () => {
    exposed().insert(answer('size', { attachments: [picture] }))
    await settle()
    await type('')
    await send()
    expect(sent()).toEqual([{ type: 'image', media: picture.media }])
    expect(told()).toEqual([null])
    expect(composer.maybe('composer-files')).toBeNull()
    expect(useSuggestions().offered.get('a')?.told).toBe(false)
  })

  test('a reload forgets neither the words nor where they are from', async () => {
    await take(0)
    setActivePinia(createPinia())
    expect(useSuggestions().taken.get('a')).toEqual({ entryId: 'ship', text: '答 ship', files: [] })
    expect(useSuggestions().use('a', '答 ship 呢')).toEqual({ entry_id: 'ship', edited: true, shown: [] })
  })

  test('who signs out leaves nothing to the next person', async () => {
    await take(0)
    useSuggestions().forgetTaken()
    setActivePinia(createPinia())
    expect(useSuggestions().taken.size).toBe(0)
  })

  test('into a conversation that one may not speak in puts nothing', async () => {
    composer = mount(MessageComposer, { conversationId: 'a', epoch: 3, blocked: '会话已结束' }, pinia)
    exposed().insert(answer('ship'))
    await settle()
    expect(useSuggestions().taken.get('a')).toBeUndefined()
  })
})
