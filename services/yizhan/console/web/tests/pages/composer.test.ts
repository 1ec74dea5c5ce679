import { beforeEach, describe, expect, test } from 'vitest'
import type { Pinia } from 'pinia'
import MessageComposer from '@/pages/inbox/MessageComposer.vue'
import { usePending } from '@/stores/pending'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../mount'

let pinia: Pinia
let gateway: FakeGateway
let page: Mounted

function show(props: Record<string, unknown> = {}): void {
  page = mount(MessageComposer, { conversationId: 'a', epoch: 3, blocked: null, ...props }, pinia)
}

async function type(text: string): Promise<HTMLTextAreaElement> {
  const area = page.find<HTMLTextAreaElement>('composer-input')
  area.value = text
  area.dispatchEvent(new Event('input'))
  await settle()
  return area
}

function enter(area: HTMLElement, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key: 'Enter', cancelable: true, bubbles: true, ...init })
  area.dispatchEvent(event)
  return event
}

const said = () => gateway.calls.filter((call) => call.name === 'say').map((call) => (call.args[1] as { content: { text: string } }).content.text)

beforeEach(() => {
  pinia = freshPinia()
  gateway = fakeGateway({
    say: () => ({ message_id: 'm1' }) as never,
    typing: () => undefined as never,
    upload: () => ({ media: { id: 'f', mime: 'image/png', name: 'a.png', size: 1, url: '/media/f' } }) as never,
  })
  usePending().start('me', () => undefined)
})

describe('sending', () => {
  test('Enter sends and empties the input', async () => {
    show()
    const area = await type('您好')
    enter(area)
    await settle()
    expect(said()).toEqual(['您好'])
    expect(area.value).toBe('')
  })

  test('Shift and Enter is a new line', async () => {
    show()
    const event = enter(await type('第一行'), { shiftKey: true })
    await settle()
    expect(event.defaultPrevented).toBe(false)
    expect(said()).toEqual([])
  })

  test('Enter that chooses a Chinese word does not send', async () => {
    show()
    const area = await type('nihao')
    area.dispatchEvent(new CompositionEvent('compositionstart'))
    enter(area)
    area.dispatchEvent(new CompositionEvent('compositionend'))
    enter(area) // browsers differ: it may arrive right after the end of the composition
    await settle()
    expect(said()).toEqual([])
  })

  test('Enter that an input method reports by key code 229 does not send', async () => {
    show()
    enter(await type('nihao'), { keyCode: 229 })
    await settle()
    expect(said()).toEqual([])
  })

  test('white space alone is nothing to send', async () => {
    show()
    enter(await type('  \n '))
    await settle()
    expect(said()).toEqual([])
    expect(page.find<HTMLButtonElement>('composer-send').disabled).toBe(true)
  })

  test('a text that is too long is kept and the surplus is shown', async () => {
    show()
    const area = await type('字'.repeat(4_003))
    enter(area)
    await settle()
    expect(said()).toEqual([])
    expect(page.find('composer-count').textContent).toContain('3')
    expect(area.value).toHaveLength(4_003)
  })

  test('the customer sees typing at most every few seconds', async () => {
    show()
    await type('你')
    await type('你好')
    expect(gateway.calls.filter((call) => call.name === 'typing')).toHaveLength(1)
  })
})

describe('when the agent may not speak', () => {
  test('the input is replaced by the reason', () => {
    show({ blocked: '会话已结束' })
    expect(page.maybe('composer-input')).toBeNull()
    expect(page.find('composer-blocked').textContent).toContain('会话已结束')
  })
})

describe('not losing anything', () => {
  test('a draft waits while another conversation is open', async () => {
    show()
    await type('写了一半')
    show({ conversationId: 'b' })
    await settle()
    expect(page.find<HTMLTextAreaElement>('composer-input').value).toBe('')
    show({ conversationId: 'a' })
    await settle()
    expect(page.find<HTMLTextAreaElement>('composer-input').value).toBe('写了一半')
  })

  test('a pasted picture is uploaded and sent', async () => {
    show()
    const area = page.find('composer-input')
    const file = new File(['x'], 'image.png', { type: 'image/png' })
    const event = new Event('paste', { cancelable: true }) as ClipboardEvent
    Object.defineProperty(event, 'clipboardData', { value: { files: [file], types: ['Files'] } })
    area.dispatchEvent(event)
    await settle()
    expect(gateway.calls.map((call) => call.name)).toEqual(['upload', 'say'])
  })
})
