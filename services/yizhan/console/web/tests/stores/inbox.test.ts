import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '@/api/problem'
import type { Conversation, Message, Offer } from '@/api/types'
import { useConversations } from '@/stores/conversations'
import { useInbox } from '@/stores/inbox'
import { useOffers } from '@/stores/offers'
import { usePending } from '@/stores/pending'
import { usePresence } from '@/stores/presence'
import { useSession } from '@/stores/session'
import { useTranscripts } from '@/stores/transcripts'
import { useWorkspace } from '@/stores/workspace'
import { conversation, message } from '../live/fakes'
import { fakeGateway, freshPinia, settle, type FakeGateway } from '../mount'

const me = { id: 'me', username: 'me', name: 'Me', roles: ['agent' as const] }
const mineState = { state: 'assigned' as const, epoch: 3, agent: { id: 'me', name: 'Me' } }

let gateway: FakeGateway
let stored: Map<string, Conversation>
let transcripts: Map<string, Message[]>
let offers: Offer[]
let say: () => unknown
/** Answers about one conversation are on their way until then. */
let underway: Promise<void>
/** The list of offers is on its way until then. */
let listing: Promise<void>

function offer(id: string, change: Partial<Offer> = {}): Offer {
  return {
    id,
    conversation_id: 'b',
    customer_name: 'B',
    last_text: 'help',
    reason: 'requested',
    made_at: new Date(Date.now()).toISOString(),
    expires_at: new Date(Date.now() + 15_000).toISOString(),
    deadline: null,
    epoch: 2,
    ...change,
  }
}

function page(id: string, { after, before, limit = 100 }: { after?: number; before?: number; limit?: number }) {
  const all = transcripts.get(id) ?? []
  const head = all.at(-1)?.seq ?? 0
  if (before !== undefined) {
    const older = all.filter((one) => one.seq < before)
    return { messages: older.slice(-limit), head, more: older.length > limit }
  }
  const newer = all.filter((one) => one.seq > (after ?? 0))
  return { messages: newer.slice(0, limit), head, more: newer.length > limit }
}

function write(id: string, seq: number, kind: 'customer' | 'agent' = 'customer', change: Partial<Message> = {}): Message {
  const written = message(seq, kind, { id: `${id}-${seq}`, ...change })
  transcripts.set(id, [...(transcripts.get(id) ?? []), written])
  const known = stored.get(id)
  if (known) stored.set(id, { ...known, last_seq: seq, last_author: kind, last_message_at: written.sent_at })
  return written
}

const socket = () => {
  const last = gateway.sockets.at(-1)
  if (!last) throw new Error('no socket')
  return last
}
const seqs = (id: string) => useTranscripts().loaded.get(id)?.messages.map((one) => one.seq)

async function signedIn(): Promise<void> {
  useSession().enter({ user: me, csrf: 'c' })
  useWorkspace().start()
  await settle()
  socket().says({ type: 'hello' })
  await settle()
}

beforeEach(async () => {
  freshPinia()
  stored = new Map([
    ['a', conversation('a', { ...mineState, last_seq: 0 })],
    ['b', conversation('b', { state: 'offered', epoch: 2, last_seq: 0 })],
  ])
  transcripts = new Map()
  offers = []
  for (let seq = 1; seq <= 3; seq += 1) write('a', seq)
  write('b', 1)
  say = () => ({ message_id: 'a-9' })
  underway = Promise.resolve()
  listing = Promise.resolve()
  gateway = fakeGateway({
    conversations: ((box: string) => ({
      items: [...stored.values()].filter((one) => (box === 'mine' ? one.agent?.id === 'me' : box === 'queued' ? one.state === 'offered' : true)),
      next: null,
    })) as never,
    conversation: ((id: string) => {
      const found = stored.get(id)
      if (!found) throw new Problem('missing')
      const own = found.agent?.id === 'me'
      return underway.then(() => ({ conversation: found, can: { say: own, close: own, return: own, accept: false } }))
    }) as never,
    messages: ((id: string, query: object) => page(id, query)) as never,
    offers: (() => {
      const items = offers
      return listing.then(() => ({ items }))
    }) as never,
    acceptOffer: (() => ({ conversation_id: 'b', epoch: 3 })) as never,
    presence: (() => ({ state: 'online' })) as never,
    setPresence: (() => ({ state: 'offline' })) as never,
    signOut: (() => undefined) as never,
    say: (() => say()) as never,
  })
})

afterEach(() => useWorkspace().end(false)) // or its clock ticks on in the files after this one

describe('an open conversation', () => {
  test('shows what the customer writes as soon as the frame comes', async () => {
    await signedIn()
    await useInbox().show('a')
    socket().says({ type: 'message', conversation_id: 'a', message: write('a', 4) })
    expect(seqs('a')).toEqual([1, 2, 3, 4])
  })

  test('asks where a task stands after the bot has spoken, for no frame tells it', async () => {
    await signedIn()
    await useInbox().show('a')
    const known = stored.get('a')
    const task = { name: 'order', title: '查询订单', phase: 'asking' as const, asked: '订单号', values: [], opened_at: null }
    if (known) stored.set('a', { ...known, task })
    socket().says({ type: 'message', conversation_id: 'a', message: message(4, 'bot', { id: 'a-4' }) })
    await settle()
    expect(useConversations().known.get('a')?.task).toEqual(task)
  })

  test('a frame that was lost is fetched when the next one shows the hole', async () => {
    await signedIn()
    await useInbox().show('a')
    write('a', 4)
    socket().says({ type: 'message', conversation_id: 'a', message: write('a', 5) })
    await settle()
    expect(seqs('a')).toEqual([1, 2, 3, 4, 5])
    expect(gateway.calls.filter((call) => call.name === 'messages').at(-1)?.args[1]).toMatchObject({ after: 3 })
  })

  test('converges from its own cursor after the line was down', async () => {
    await signedIn()
    await useInbox().show('a')
    socket().breaks()
    write('a', 4)
    write('a', 5)
    gateway.timers.pass(1_000)
    socket().says({ type: 'hello' })
    await settle()
    expect(seqs('a')).toEqual([1, 2, 3, 4, 5])
    expect(useInbox().returns).toBe(1)
  })

  test('"gap" makes the screen look again without a reconnect', async () => {
    await signedIn()
    await useInbox().show('a')
    write('a', 4)
    offers = [offer('o1')]
    socket().says({ type: 'gap' })
    await settle()
    expect(seqs('a')).toEqual([1, 2, 3, 4])
    expect(useOffers().items.map((one) => one.id)).toEqual(['o1'])
  })

  test('that is long is loaded from its end, then upwards', async () => {
    transcripts.set('a', Array.from({ length: 120 }, (_, at) => message(at + 1)))
    stored.set('a', conversation('a', { ...mineState, last_seq: 120 }))
    await signedIn()
    await useInbox().show('a')
    expect(seqs('a')?.[0]).toBe(71)
    await useTranscripts().older('a')
    await useTranscripts().older('a')
    expect(seqs('a')).toHaveLength(120)
    expect(useTranscripts().loaded.get('a')?.complete).toBe(true)
  })

  test('that does not exist is said to be missing', async () => {
    await signedIn()
    await useInbox().show('nowhere')
    expect(useInbox().missing).toBe(true)
  })
})

describe('own messages', () => {
  test('leave the outbox when they are on the transcript, once', async () => {
    await signedIn()
    await useInbox().show('a')
    usePending().sendText('a', 3, 'hello')
    await settle()
    socket().says({ type: 'message', conversation_id: 'a', message: write('a', 4, 'agent', { id: 'a-9', client_id: 'client-1' }) })
    expect(usePending().items).toEqual([])
    expect(seqs('a')).toEqual([1, 2, 3, 4])
  })

  test('written while the line is down go out after it, under the same client_id', async () => {
    await signedIn()
    await useInbox().show('a')
    say = () => Promise.reject(new Problem('offline'))
    usePending().sendText('a', 3, 'hello')
    await settle()
    expect(usePending().items).toMatchObject([{ state: 'waiting' }])
    socket().breaks()
    say = () => ({ message_id: 'a-9' })
    gateway.timers.pass(1_000)
    socket().says({ type: 'hello' })
    await settle()
    const ids = gateway.calls.filter((call) => call.name === 'say').map((call) => (call.args[1] as { client_id: string }).client_id)
    expect(new Set(ids)).toEqual(new Set(['client-1']))
    expect(usePending().items).toMatchObject([{ state: 'accepted' }])
  })

  test('get their receipt although its frame was lost', async () => {
    await signedIn()
    await useInbox().show('a')
    const sent = write('a', 4, 'agent')
    socket().says({ type: 'message', conversation_id: 'a', message: sent })
    transcripts.set('a', (transcripts.get('a') ?? []).map((one) => (one.seq === 4 ? { ...one, receipt: 'failed', receipt_reason: 'window_closed' } : one)))
    gateway.timers.pass(3_000)
    await settle()
    expect(useTranscripts().loaded.get('a')?.messages.at(-1)).toMatchObject({ receipt: 'failed', receipt_reason: 'window_closed' })
  })

  test('refused for a stale epoch fail visibly, and the new owner is shown', async () => {
    await signedIn()
    await useInbox().show('a')
    usePending().sendText('a', 3, 'hello')
    await settle()
    stored.set('a', { ...(stored.get('a') as Conversation), epoch: 4, agent: { id: 'her', name: 'Her' } })
    socket().says({ type: 'refused', conversation_id: 'a', client_id: 'client-1', action: '', reason: 'stale_epoch' })
    await settle()
    expect(usePending().items).toMatchObject([{ state: 'failed', reason: 'stale_epoch' }])
    expect(useConversations().known.get('a')?.agent?.name).toBe('Her')
    expect(useInbox().lost.has('a')).toBe(true)
    expect(useConversations().can('a').say).toBe(false)
  })
})

describe('what was done with a conversation but not taken', () => {
  const said = () => [...document.querySelectorAll('.el-message')].map((one) => one.textContent)

  test.each([
    ['a transfer of what is still mine', 'transfer', 'me', 1],
    ['a close of what is still mine', 'close', 'me', 1],
    ['a transfer that another request had made already', 'transfer', 'her', 0],
    ['a take of what went elsewhere', 'take', 'her', 1],
    ['a take of what is mine already', 'take', 'me', 0],
  ] as const)('%s is told as it is', async (_, action, owner, told) => {
    await signedIn()
    await useInbox().show('a')
    const before = said().length
    stored.set('a', { ...(stored.get('a') as Conversation), agent: { id: owner, name: owner } })
    socket().says({ type: 'refused', conversation_id: 'a', client_id: '', action, reason: 'stale_epoch' })
    await settle()
    expect(said().length - before).toBe(told)
  })
})

describe('offers', () => {
  test('come by frame, and are gone when they lapse', async () => {
    await signedIn()
    socket().says({ type: 'offer', offer: { ...offer('o1'), change: 'made' } })
    await settle()
    expect(useInbox().calls).toBe(2) // the offer, and the unread conversation "a"
    socket().says({ type: 'offer', offer: { id: 'o1', conversation_id: 'b', change: 'lapsed' } })
    expect(useOffers().items).toEqual([])
  })

  test('accepting gives the conversation at once, before any frame', async () => {
    offers = [offer('o1')]
    await signedIn()
    await useInbox().accept('o1')
    expect(useConversations().lists.mine.map((one) => one.id)).toContain('b')
    expect(useConversations().known.get('b')).toMatchObject({ epoch: 3, agent: { id: 'me' } })
    expect(useConversations().can('b').say).toBe(true)
  })

  test('an offer whose time is over leaves the screen by itself', async () => {
    offers = [offer('o1', { expires_at: new Date(Date.now() - 10_000).toISOString() })]
    await signedIn()
    useOffers().expire(Date.now())
    expect(useOffers().items).toEqual([])
  })
})

describe('after a return', () => {
  const returns = () => {
    socket().breaks()
    gateway.timers.pass(1_000)
    socket().says({ type: 'hello' })
  }
  const offered = () => useOffers().items.map((one) => one.id)

  test('a frame that comes before the list of offers does not take the rest of it away', async () => {
    await signedIn()
    offers = [offer('o1'), offer('o2', { conversation_id: 'c' })]
    let arrive: () => void = () => undefined
    listing = new Promise((done) => (arrive = done))
    returns()
    await settle()
    socket().says({ type: 'offer', offer: { id: 'o1', conversation_id: 'b', change: 'lapsed' } })
    socket().says({ type: 'offer', offer: { ...offer('o3'), change: 'made' } })
    arrive()
    await settle()
    expect(offered().sort()).toEqual(['o2', 'o3'])
  })

  test('what the gateway could not tell at once is asked for again', async () => {
    await signedIn()
    await useInbox().show('a')
    const whole = stored
    stored = new Map([['a', { ...(whole.get('a') as Conversation), epoch: 4, agent: { id: 'her', name: 'Her' } }]])
    offers = [offer('o1')]
    let away = true
    underway = Promise.resolve().then(() => {
      if (away) throw new Problem('fault')
    })
    returns()
    await settle()
    expect(useConversations().known.get('a')?.epoch).toBe(3)
    away = false
    underway = Promise.resolve()
    gateway.timers.pass(3_000)
    await settle()
    expect(useConversations().known.get('a')?.agent?.name).toBe('Her')
    expect(useInbox().lost.has('a')).toBe(true)
  })

  test('a list that was on its way already is asked for once more', async () => {
    await signedIn()
    let answer: () => void = () => undefined
    underway = new Promise((done) => (answer = done))
    stored.set('b', { ...(stored.get('b') as Conversation), ...mineState })
    const before = useConversations().load('mine')
    stored.set('d', conversation('d', { ...mineState, last_seq: 1 }))
    const after = useConversations().load('mine')
    answer()
    await Promise.all([before, after])
    expect(useConversations().lists.mine.map((one) => one.id)).toContain('d')
  })
})

describe('who comes to wait', () => {
  const asked = (id: string) => gateway.calls.filter((call) => call.name === 'conversation' && call.args[0] === id).length
  const comes = (id: string) => {
    stored.set(id, conversation(id, { state: 'offered', epoch: 2, last_seq: 1 }))
    socket().says({ type: 'conversation', conversation: { id, state: 'queued', epoch: 1, agent: null } })
    socket().says({ type: 'conversation', conversation: { id, state: 'offered', epoch: 1, agent: null } })
  }

  test('is counted, and asked about only when somebody looks at the list', async () => {
    await signedIn()
    comes('c')
    await settle()
    expect([useConversations().queued, asked('c')]).toEqual([2, 0])
    await useInbox().setBox('queued')
    expect(useConversations().lists.queued.map((one) => one.id)).toContain('c')
    expect(useConversations().queued).toBe(2)
  })

  test('is asked about at once where the list is on the screen', async () => {
    await signedIn()
    await useInbox().setBox('queued')
    comes('c')
    await settle()
    expect(asked('c')).toBe(1)
    expect(useConversations().lists.queued.map((one) => one.id)).toContain('c')
  })

  test('is counted no more when somebody took the conversation', async () => {
    await signedIn()
    comes('c')
    socket().says({ type: 'conversation', conversation: { id: 'c', state: 'assigned', epoch: 2, agent: { id: 'her', name: 'Her' } } })
    expect(useConversations().queued).toBe(1)
  })

  test('and what is said elsewhere is told only to who looks at a list of it', async () => {
    await signedIn()
    const watches = () => socket().sent.filter((frame) => (frame as { type: string }).type === 'watch').map((frame) => (frame as { last_words?: boolean }).last_words)
    expect(watches().at(-1)).toBe(false)
    await useInbox().setBox('all')
    expect(watches().at(-1)).toBeUndefined()
    await useInbox().setBox('mine')
    expect(watches().at(-1)).toBe(false)
    stored.set('b', { ...(stored.get('b') as Conversation), last_seq: 9, last_text: 'meanwhile' })
    await useInbox().setBox('all')
    expect(useConversations().known.get('b')?.last_text).toBe('meanwhile')
  })

  test('is known on the list of everything too, when somebody goes back to it', async () => {
    await signedIn()
    await useInbox().setBox('all')
    await useInbox().setBox('mine')
    comes('c')
    await settle()
    await useInbox().setBox('all')
    expect(useConversations().lists.all.map((one) => one.id)).toContain('c')
  })
})

describe('what may still be sent', () => {
  const until = '2026-11-24T09:00:00.000Z'
  const window = (id = 'a') => useConversations().known.get(id)?.reply_window

  test('an answer that a receipt overtook does not bring back what has been used since', async () => {
    stored.set('a', { ...(stored.get('a') as Conversation), reply_window: { until, left: 5 } })
    await signedIn()
    let arrive = (): void => undefined
    underway = new Promise((resolve) => (arrive = resolve))
    const shown = useInbox().show('a')
    await settle()
    socket().says({ type: 'receipt', conversation_id: 'a', seq: 3, state: 'accepted', reply_window: { until, left: 4 } })
    arrive()
    await shown
    expect(window()).toEqual({ until, left: 4 })
  })

  test('an answer that was asked for after a receipt is believed', async () => {
    await signedIn()
    socket().says({ type: 'receipt', conversation_id: 'a', seq: 3, state: 'accepted', reply_window: { until, left: 4 } })
    stored.set('a', { ...(stored.get('a') as Conversation), reply_window: { until, left: 2 } })
    await useInbox().show('a')
    expect(window()).toEqual({ until, left: 2 })
  })

  test('a conversation is asked for only when the gateway tells of it, so that no receipt falls in between', async () => {
    stored.set('c', conversation('c', { state: 'closed', last_seq: 0 }))
    await signedIn()
    socket().slow = true
    const shown = useInbox().show('c')
    await settle()
    const asked = () => gateway.calls.filter((call) => call.name === 'conversation' && call.args[0] === 'c').length
    expect(socket().sent.at(-1)).toMatchObject({ type: 'watch', conversation_ids: ['a', 'c'] })
    expect(asked()).toBe(0)
    socket().says({ type: 'watching' })
    await shown
    expect(asked()).toBe(1)
  })
})

describe('whose conversations', () => {
  test('one that was taken over while the line was down leaves "mine"', async () => {
    await signedIn()
    socket().breaks()
    stored.set('a', { ...(stored.get('a') as Conversation), epoch: 5, state: 'bot', agent: null })
    gateway.timers.pass(1_000)
    socket().says({ type: 'hello' })
    await settle()
    expect(useConversations().lists.mine).toEqual([])
  })

  test('the gateway is told to send the transcripts of mine, the open and the offered ones', async () => {
    offers = [offer('o1')]
    await signedIn()
    await settle()
    const watches = socket().sent.filter((frame) => frame.type === 'watch')
    expect(watches.at(-1)?.conversation_ids).toEqual(['a', 'b'])
  })
})

describe('the end of the day', () => {
  test('signing out goes offline first and leaves nothing running', async () => {
    await signedIn()
    await useWorkspace().signOut()
    expect(gateway.calls.slice(-2).map((call) => call.name)).toEqual(['setPresence', 'signOut'])
    expect(gateway.timers.count).toBe(0)
    expect(useSession().user).toBeNull()
    expect(useSession().expired).toBe(false)
  })

  test('a session that the gateway ended leads to the sign-in page with a reason', async () => {
    await signedIn()
    socket().breaks(4401)
    expect(useSession().user).toBeNull()
    expect(useSession().expired).toBe(true)
  })

  test('presence follows what the gateway says of this agent only', async () => {
    await signedIn()
    socket().says({ type: 'presence', agent_id: 'her', state: 'away' })
    expect(usePresence().state).toBe('online')
    socket().says({ type: 'presence', agent_id: 'me', state: 'offline' })
    expect(usePresence().state).toBe('offline')
    expect(useWorkspace().presenceNews).toBe('offline')
  })
})
