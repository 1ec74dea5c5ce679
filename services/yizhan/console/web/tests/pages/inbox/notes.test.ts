/** Words among colleagues: written apart from replies, placed between messages, never lost. */

import { beforeEach, expect, test } from 'vitest'
import type { Pinia } from 'pinia'
import type { InternalNote } from '@/api/notes'
import { Problem } from '@/api/problem'
import NoteComposer from '@/pages/inbox/notes/NoteComposer.vue'
import { timeline } from '@/pages/inbox/timeline'
import { emptyTranscript, withMessages } from '@/live/transcript'
import { draftOf, forgetDrafts, keepDraft } from '@/stores/drafts'
import { useNotes } from '@/stores/notes'
import { message } from '../../live/fakes'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'

function note(number: number, seq: number, change: Partial<InternalNote> = {}): InternalNote {
  return { id: `n${number}`, seq, number, session: 1, author: { id: 'bob', name: '小林' }, text: `note ${number}`, whisper_to: null, client_id: `c${number}`, written_at: '2026-11-22T09:00:00.000Z', ...change }
}

let pinia: Pinia
let gateway: FakeGateway
let answers: InternalNote[]
let refusal: Problem | null

beforeEach(() => {
  pinia = freshPinia()
  forgetDrafts()
  answers = []
  refusal = null
  gateway = fakeGateway({
    notes: ((_: string, after: number) => ({ notes: answers.filter((one) => one.number > after), after: answers.at(-1)?.number ?? after, head: answers.length, more: false })) as never,
    addNote: (() => (refusal ? Promise.reject(refusal) : { note_id: 'n' })) as never,
  })
})

function problem(code: string): Problem {
  return new Problem('conflict', { status: 409, code, title: '', detail: '', retryAfter: null, problems: [], lines: [], count: 0, falls: [] })
}

async function type(page: Mounted, text: string): Promise<HTMLTextAreaElement> {
  const area = page.find<HTMLTextAreaElement>('note-input')
  area.value = text
  area.dispatchEvent(new Event('input'))
  await settle()
  return area
}

const enter = (area: HTMLElement, init: KeyboardEventInit = {}) => area.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }))
const added = () => gateway.calls.filter((call) => call.name === 'addNote').map((call) => call.args[1] as { text: string; client_id: string; whisper_to?: string })
const show = (whisperTo: { id: string; name: string } | null = null) => mount(NoteComposer, { conversationId: 'a', whisperTo }, pinia)

test.each([
  ['after the message that it stands after', [note(1, 1)], ['m1', 'n1', 'm2']],
  ['those after one message in the order of writing', [note(1, 1), note(2, 1)], ['m1', 'n1', 'n2', 'm2']],
  ['before the first message', [note(1, 0)], ['n1', 'm1', 'm2']],
  ['after the last', [note(1, 2)], ['m1', 'm2', 'n1']],
])('a note stands %s', (_, notes, wanted) => {
  const transcript = { ...withMessages(emptyTranscript, [message(1), message(2)]), complete: true }
  const keys = timeline(transcript, [], notes).map((row) => row.key).filter((key) => /^[mn]/.test(key))
  expect(keys).toEqual(wanted)
})

test('a note of messages that are not loaded waits for them', () => {
  const transcript = withMessages(emptyTranscript, [message(8)])
  expect(timeline(transcript, [], [note(1, 3)]).some((row) => row.kind === 'internal')).toBe(false)
})

test('Enter saves a note and never says it to the customer', async () => {
  enter(await type(show(), '客户要退款'))
  await settle()
  expect(added().map((one) => one.text)).toEqual(['客户要退款'])
  expect(gateway.calls.some((call) => call.name === 'say')).toBe(false)
})

test('Enter that chooses a Chinese word saves nothing', async () => {
  enter(await type(show(), 'nihao'), { keyCode: 229 })
  await settle()
  expect(added()).toEqual([])
})

test('the drafts of a note and of a reply are kept apart', async () => {
  keepDraft('a', '您好')
  await type(show(), '内部')
  expect([draftOf('a'), draftOf('note:a')]).toEqual(['您好', '内部'])
})

test('a supervisor whispers to the agent who was chosen', async () => {
  const page = show({ id: 'bob', name: '小林' })
  page.find('note-whisper').querySelector('input')?.click()
  enter(await type(page, '别答应全额'))
  await settle()
  expect(added()[0]?.whisper_to).toBe('bob')
})

test('a refused note stays, with a second try under the same id', async () => {
  refusal = problem('note_too_long')
  const notes = useNotes()
  notes.write('a', '长长的备注')
  await settle()
  expect(notes.written.map((one) => one.state)).toEqual(['failed'])
  refusal = null
  notes.retry(notes.written[0]?.clientId ?? '')
  await settle()
  expect(new Set(added().map((one) => one.client_id)).size).toBe(1)
  expect(notes.written.map((one) => one.state)).toEqual(['accepted'])
})

test('a note whose frame was lost is asked for', async () => {
  const notes = useNotes()
  await notes.catchUp('a')
  notes.write('a', '备注')
  await settle()
  answers = [note(1, 1, { client_id: added()[0]?.client_id ?? '' })]
  gateway.timers.pass(2_000)
  await settle()
  expect(notes.written).toEqual([])
  expect(notes.of('a').items.map((one) => one.number)).toEqual([1])
})

test('a note that was skipped is asked for, and each is shown once', async () => {
  const notes = useNotes()
  await notes.catchUp('a')
  answers = [note(1, 1), note(2, 1)]
  notes.receive('a', note(2, 1))
  await settle()
  expect(notes.of('a').items.map((one) => one.number)).toEqual([1, 2])
})

test('what was written before a reload is still there', async () => {
  refusal = problem('bus_unavailable')
  useNotes().start('me')
  useNotes().write('a', '备注')
  await settle()
  useNotes().forget()
  useNotes().start('me')
  expect(useNotes().written.map((one) => [one.text, one.state])).toEqual([['备注', 'failed']])
})
