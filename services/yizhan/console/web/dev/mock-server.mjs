// A gateway for working on the console without one: the REST and WebSocket contract in memory, with plausible data.
//
//   node dev/mock-server.mjs            http://127.0.0.1:8099, serves ../static too
//   user `lin` (all roles), `su` (editor), `he` (supervisor), `chen` (agent); password: yizhan-demo
//
// POST /mock/<action> plays the other side: say, typing, offer, steal, drop, down, refuse, break, receipt. See `actions`.

import { createServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WebSocketServer } from 'ws'
import * as data from './mock-data.mjs'

const port = Number(process.env.PORT ?? 8099)
const staticRoot = fileURLToPath(new URL('../../static/', import.meta.url))
const PASSWORD = 'yizhan-demo'
const OFFER_MS = Number(process.env.OFFER_MS ?? 15_000)

const messages = new Map(data.conversationIds.map((id) => [id, data.seedMessages(id)]))
const conversations = new Map(data.conversationIds.map((id) => [id, data.seedConversation(id, messages.get(id))]))
const offers = new Map()
const presence = new Map([['u-chen', 'online'], ['u-zhou', 'away']])
const sessions = new Map()
const sockets = new Set()
const said = new Map()
let users = data.users.map((user) => ({ ...user }))
let tickets = data.tickets.map((ticket) => ({ ...ticket }))
const misses = ['可以开专票吗', '门店能带宠物进去吗', '有没有学生优惠'].map((question, at) => ({
  id: `g${at}`, question, state: 'open', count: 14 - at * 4, customers: 9 - at * 2, customers_7_days: 3, customers_30_days: 6, last_7_days: 4, last_30_days: 9, rank: 25 - at,
  languages: ['zh'], reasons: { no_answer: 10 - at * 3, none_of_these: 2 }, first_at: '2026-11-01T02:00:00Z', last_at: new Date().toISOString(), nearest: null, answered_now: false, answered_by: [], drafted: null, dismissed: null,
}))
let release = { ...data.release }
const FIGURES = { questions: 3, right: 3, wrong: 0, unanswered: 0, precision: 1, coverage: 1 }
/** The newest was built while the embedding endpoint was away, the published one with it. */
const built = () => [
  { ...release, id: 'r-next', number: release.number + 1, built_at: new Date().toISOString(), built_by: release.published_by, note: '', published: false, published_at: null, embedding: { model: null, failed: 'unreachable' } },
  { ...release, built_at: release.published_at, built_by: release.published_by, note: '', published: true, embedding: { model: 'bge-m3', failed: null } },
]
function reported(id) {
  const one = built().find((found) => found.id === id)
  if (!one) throw new Refused(404, 'release_missing')
  const embedding = { ...one.embedding, dimension: one.embedding.model ? 1024 : 0, by_meaning: one.embedding.model !== null }
  return { release: one, report: { entries: one.entries, phrasings: one.entries * 4, engine: 'mock', training: null, figures: FIGURES, results: [], findings: [], more_findings: 0, seconds: 3.2, peak_mib: 180, embedding } }
}
function usesOf(days) {
  const items = data.entries.slice(0, 6).map((entry, at) => ({
    entry_id: entry.id, question: entry.question, as_is: Math.floor((40 - at * 6) * days / 30), edited: [2, 11, 0, 6, 1, 0][at], ignored: 5 + at * 3, found_as_is: [0, 0, 3, 0, 1, 4][at], found_edited: [0, 0, 1, 0, 0, 2][at],
  }))
  const sum = (key) => items.reduce((all, one) => all + one[key], 0)
  return { items, total: Object.fromEntries(['as_is', 'edited', 'ignored', 'found_as_is', 'found_edited'].map((key) => [key, sum(key)])) }
}
let tries = 0
let lockedUntil = 0
let refuseNext = ''
let downUntil = 0
let brokenNumbers = false
let counter = 100

class Refused extends Error {
  constructor(status, code, extra = {}) {
    super(code)
    Object.assign(this, { status, code, extra })
  }
}

const later = (ms, run) => setTimeout(run, ms)
const tell = (frame, to = () => true) => sockets.forEach((socket) => socket.readyState === 1 && to(socket) && socket.send(JSON.stringify(frame)))
const watching = (id) => (socket) => socket.watched?.has(id)

function hint(conversation) {
  const { id, state, epoch, agent, last_seq, session } = conversation
  tell({ type: 'conversation', conversation: { id, state, epoch, agent, last_seq, session } })
}

function append(id, kind, name, content, extras = {}) {
  const list = messages.get(id)
  const conversation = conversations.get(id)
  const message = {
    seq: list.length + 1, id: `m-${(counter += 1)}`, author: { kind, name }, content,
    sent_at: new Date().toISOString(), session: conversation.session, receipt: null, receipt_reason: null, grounding: null, ...extras,
  }
  list.push(message)
  conversation.last_seq = message.seq
  conversation.last_message_at = message.sent_at
  if (kind !== 'system') Object.assign(conversation, { last_text: data.previewOf(content), last_author: kind })
  tell({ type: 'message', conversation_id: id, message }, watching(id))
  if (conversation.state === 'assigned' && kind === 'customer' && !conversation.answer) owe(conversation, data.answerDue('agent_next_response'))
  if (kind === 'agent' && conversation.answer) owe(conversation, null)
  return message
}

function owe(conversation, answer) {
  conversation.answer = answer
  tell({ type: 'conversation', conversation: { id: conversation.id, answer } })
}

function own(conversation, state, agent) {
  Object.assign(conversation, { state, agent, epoch: conversation.epoch + 1 })
  hint(conversation)
  owe(conversation, state === 'assigned' ? data.answerDue('agent_first_response') : null)
}

function makeOffer(id, agent = 'u-lin') {
  const conversation = conversations.get(id)
  conversation.state = 'offered'
  const now = Date.now()
  const offer = {
    id: `o-${(counter += 1)}`, conversation_id: id, customer_name: conversation.customer.name, last_text: messages.get(id).findLast((m) => m.author.kind === 'customer').content.text ?? '',
    reason: conversation.handoff?.reason ?? 'requested', made_at: new Date(now).toISOString(), expires_at: new Date(now + OFFER_MS).toISOString(),
    deadline: new Date(now + 42_000).toISOString(), epoch: conversation.epoch, agent,
  }
  offers.set(offer.id, offer)
  hint(conversation)
  tell({ type: 'offer', offer: { ...offer, change: 'made' } }, (socket) => socket.user === agent)
  later(OFFER_MS, () => {
    if (!offers.delete(offer.id)) return
    tell({ type: 'offer', offer: { id: offer.id, conversation_id: id, change: 'lapsed' } }, (socket) => socket.user === agent)
    conversation.state = 'queued'
    hint(conversation)
    later(3_000, () => conversation.state === 'queued' && presence.get('u-lin') === 'online' && makeOffer(id))
  })
}

const actions = {
  say: ({ id, text }) => append(id, 'customer', conversations.get(id).customer.name || '访客', { type: 'text', text }),
  typing: ({ id }) => tell({ type: 'typing', conversation_id: id, author: { kind: 'customer', name: '' } }),
  offer: ({ id }) => makeOffer(id),
  steal: ({ id }) => own(conversations.get(id), 'assigned', { id: 'u-chen', name: '陈知行' }),
  drop: () => sockets.forEach((socket) => socket.terminate()),
  down: ({ seconds }) => ((downUntil = Date.now() + seconds * 1000), actions.drop()),
  refuse: ({ code }) => (refuseNext = code),
  break: () => (brokenNumbers = true),
  gap: () => tell({ type: 'gap' }),
  receipt: ({ id, seq, state, reason }) => tell({ type: 'receipt', conversation_id: id, seq, state, reason }),
}

function mine(me, id) {
  const conversation = conversations.get(id)
  if (!conversation) throw new Refused(404, 'unknown_conversation')
  return { conversation, owner: conversation.state === 'assigned' && conversation.agent?.id === me.id }
}

function owned(me, id, epoch) {
  const { conversation, owner } = mine(me, id)
  if (!owner || epoch !== conversation.epoch) throw new Refused(409, 'stale_epoch')
  return conversation
}

function inBox(box, me) {
  return (conversation) =>
    box === 'all' || (box === 'closed' && conversation.state === 'closed') ||
    (box === 'mine' && conversation.agent?.id === me.id && conversation.state === 'assigned') ||
    (box === 'queued' && ['queued', 'offered'].includes(conversation.state))
}

const similarity = (a, b) => {
  const grams = (s) => new Set([...s].slice(0, -1).map((c, at) => c + s[at + 1]))
  const [x, y] = [grams(a), grams(b)]
  const both = [...x].filter((gram) => y.has(gram)).length
  return x.size + y.size === 0 ? 0 : (2 * both) / (x.size + y.size)
}

/** [method, pattern, handler({ me, params, query, body, raw })] */
const categories = () => [...new Set(data.entries.map((entry) => entry.category))]
const draftRow = (entry) => ({ entry: { variants: {}, valid_from: null, valid_until: null, attachments: [], ...entry }, revision: 1, changed_at: release.published_at, changed_by: release.published_by })

const suggested = (entry, score) => ({ entry_id: entry.id, question: entry.question, text: entry.answer, score, category: entry.category, attachments: [] })
const matched = (words) =>
  data.entries
    .map((entry) => [entry, Math.min(0.99, Math.max(...[entry.question, ...entry.paraphrases].map((way) => similarity(way, words))) * 1.1)])
    .filter(([, score]) => score > 0.08)
    .sort((a, b) => b[1] - a[1])

const routes = [
  ['GET', 'presence', ({ me }) => ({ state: presence.get(me.id) ?? 'offline' })],
  ['POST', 'presence', ({ me, body }) => {
    presence.set(me.id, body.state)
    tell({ type: 'presence', agent_id: me.id, state: body.state })
    if (body.state === 'online' && me.id === 'u-lin' && offers.size === 0 && !process.env.QUIET) ['c-liu', 'c-sun'].forEach((id, at) => later(300 + at * 900, () => makeOffer(id)))
    return { state: body.state }
  }],
  ['POST', 'password', ({ body }) => {
    if (body.old !== PASSWORD) throw new Refused(401, 'bad_credentials')
  }],
  ['GET', 'conversations', ({ me, query }) => {
    const found = [...conversations.values()].filter(inBox(query.get('box'), me)).filter((c) => !query.get('search') || c.customer.name.includes(query.get('search')) || c.customer.id === query.get('search'))
    return { items: found.sort((a, b) => Date.parse(b.last_message_at) - Date.parse(a.last_message_at)), next: null }
  }],
  ['GET', 'conversations/:id', ({ me, params }) => {
    const { conversation, owner } = mine(me, params.id)
    const offered = [...offers.values()].some((offer) => offer.conversation_id === params.id && offer.agent === me.id)
    return { conversation, can: { say: owner, close: owner, return: owner, accept: offered } }
  }],
  ['GET', 'conversations/:id/messages', ({ me, params, query }) => {
    mine(me, params.id)
    const all = messages.get(params.id)
    const limit = Number(query.get('limit') ?? 100)
    if (query.has('before')) {
      const before = all.filter((m) => m.seq < Number(query.get('before')))
      return { messages: before.slice(-limit), head: all.length, more: before.length > limit }
    }
    const after = all.filter((m) => m.seq > Number(query.get('after') ?? 0))
    return { messages: after.slice(0, limit), head: all.length, more: after.length > limit }
  }],
  ['GET', 'conversations/:id/suggestions', ({ params }) => {
    const last = messages.get(params.id)?.findLast((one) => one.author.kind === 'customer' && one.content.type === 'text')
    return { items: last ? matched(last.content.text).slice(0, 3).map(([entry, score]) => suggested(entry, score)) : [], message_id: last?.id ?? null, release_id: release.id }
  }],
  ['GET', 'knowledge/search', ({ query }) => ({ items: matched(query.get('words')).map(([entry, score]) => suggested(entry, score)), release_id: release.id })],
  ['GET', 'messages/:id/decision', ({ params }) => {
    const message = [...messages.values()].flat().find((one) => one.id === params.id)
    if (!message?.grounding) throw new Refused(409, 'not_an_answer')
    const entry = data.entries.find((one) => one.id === message.grounding.entry_id)
    const candidates = matched(entry.question).slice(0, 4).map(([one, score]) => ({ entry_id: one.id, question: one.question, score, matched: one.paraphrases[0] }))
    return { id: message.id, conversation_id: '', decided_at: message.sent_at, intent: 'answer', decided_by: 'entry', release: { id: release.id, number: release.number }, thresholds: { answer: 0.62, clarify: 0.3, margin: 0.1 }, rule: null, handoff_reason: null, entry: { id: entry.id, question: entry.question, score: message.grounding.score }, task: null, job: null, candidates, identical: true, differences: [], changed: [] }
  }],
  ['POST', 'conversations/:id/messages', ({ me, params, body }) => {
    const known = said.get(body.client_id)
    if (known) return [202, { message_id: known }]
    if (refuseNext) {
      const code = refuseNext
      refuseNext = ''
      if (code !== 'frame') throw new Refused(409, code)
      later(200, () => tell({ type: 'refused', client_id: body.client_id, reason: 'stale_epoch' }, (socket) => socket.user === me.id))
      return [202, { message_id: `m-${(counter += 1)}` }]
    }
    owned(me, params.id, body.epoch)
    const id = `m-${(counter += 1)}`
    said.set(body.client_id, id)
    later(60, () => {
      const message = append(params.id, 'agent', me.name, body.content, { id, client_id: body.client_id })
      message.author.id = me.id
      ;[['accepted', 150], ['delivered', 700], ['read', 2500]].forEach(([state, ms]) =>
        later(ms, () => {
          message.receipt = state
          tell({ type: 'receipt', conversation_id: params.id, seq: message.seq, state, reason: null })
        }),
      )
    })
    return [202, { message_id: id }]
  }],
  ['POST', 'conversations/:id/close', ({ me, params, body }) => {
    const conversation = owned(me, params.id, body.epoch)
    later(80, () => {
      own(conversation, 'closed', null)
      append(params.id, 'system', '', { type: 'event', code: 'closed', text: '会话已结束' })
    })
  }],
  ['POST', 'conversations/:id/return', ({ me, params, body }) => {
    const conversation = owned(me, params.id, body.epoch)
    later(80, () => {
      own(conversation, 'bot', null)
      append(params.id, 'system', '', { type: 'event', code: 'returned', text: '已转回机器人接待' })
    })
  }],
  ['POST', 'conversations/:id/typing', () => undefined],
  ['GET', 'offers', ({ me }) => ({ items: [...offers.values()].filter((offer) => offer.agent === me.id) })],
  ['POST', 'offers/:id/accept', ({ me, params }) => {
    const offer = offers.get(params.id)
    if (!offer) throw new Refused(409, 'offer_gone')
    offers.delete(params.id)
    const conversation = conversations.get(offer.conversation_id)
    const epoch = conversation.epoch + 1
    later(120, () => {
      own(conversation, 'assigned', { id: me.id, name: me.name })
      append(conversation.id, 'system', '', { type: 'event', code: 'agent_joined', text: `坐席 ${me.name} 已接入，为您服务` })
    })
    return { conversation_id: offer.conversation_id, epoch }
  }],
  ['POST', 'offers/:id/decline', ({ params }) => void offers.delete(params.id)],
  ['GET', 'tickets', ({ query }) => ({ items: tickets.filter((ticket) => !query.get('status') || ticket.status === query.get('status')), next: null })],
  ['POST', 'tickets/:id/take', ({ me, params }) => {
    const ticket = tickets.find((one) => one.id === params.id)
    Object.assign(ticket, { status: 'taken', agent: { id: me.id, name: me.name } })
    own(conversations.get(ticket.conversation_id), 'assigned', ticket.agent)
    return { ticket }
  }],
  ['POST', 'tickets/:id/resolve', ({ params }) => ({ ticket: Object.assign(tickets.find((one) => one.id === params.id), { status: 'resolved' }) })],
  ['GET', 'numbers', () => {
    const queued = [...conversations.values()].filter((c) => ['queued', 'offered'].includes(c.state))
    return data.numbers(queued.length, queued.map((c) => c.handoff.at).sort()[0] ?? null, brokenNumbers)
  }],
  ['GET', 'agents', () => ({ items: users.filter((user) => user.roles.includes('agent')).map(({ id, name, capacity, enabled }, at) => ({ id, name, capacity, enabled, presence: presence.get(id) ?? 'offline', load: [3, 5, 1, 0][at] ?? 0 })) })],
  ['GET', 'knowledge/release', () => ({ release })],
  ['GET', 'knowledge/draft', () => ({ revision: 1, entries: data.entries.length, changed_at: release.published_at, source_name: '', documents: [], categories: categories() })],
  ['GET', 'knowledge/draft/entries', ({ query }) => {
    const found = data.entries.filter((entry) => (!query.get('category') || entry.category === query.get('category')) && (entry.question + entry.answer).includes(query.get('search') ?? ''))
    return { items: found.map(draftRow), next: null, total: found.length, categories: categories(), revision: 1 }
  }],
  ['GET', 'knowledge/draft/entry', ({ query }) => {
    const entry = data.entries.find((one) => one.id === query.get('id'))
    if (!entry) throw new Refused(404, 'not_in_draft')
    return draftRow(entry)
  }],
  ['GET', 'knowledge/draft/document', ({ query }) => ({ name: query.get('name'), text: '', revision: 0, changed_at: null, changed_by: '' })],
  ['GET', 'knowledge/changes', () => ({ items: [], next: null })],
  ['GET', 'knowledge/builds', () => ({ items: [] })],
  ['GET', 'knowledge/releases', () => ({ items: built(), next: null })],
  ['GET', 'knowledge/releases/:id', ({ params }) => reported(params.id)],
  ['GET', 'knowledge/releases/:id/comparison', () => ({ against: release.id, before: FIGURES, after: FIGURES, falls: [] })],
  ['GET', 'knowledge/publications', () => ({ items: [] })],
  ['GET', 'knowledge/diff', () => ({ entries: [], documents: [] })],
  ['POST', 'knowledge/draft/import', ({ query, raw }) => {
    const body = raw.toString('utf8')
    if (body.includes('BAD')) {
      throw new Refused(422, 'import_rejected', { problems: [
        { row: 7, column: 'answer', reason_zh: '答案不能为空', reason_en: 'the answer must not be empty' },
        { row: 0, column: '', reason_zh: '缺少“category”列', reason_en: 'the column “category” is missing' },
      ] })
    }
    const entries = Math.max(1, body.split('\n').length - 6)
    return { entries, added: query.has('check') ? 0 : entries, changed: 0, removed: 0, revision: 2 }
  }],
  ['POST', 'knowledge/ask', ({ body }) => {
    const candidates = data.entries
      .map((entry) => {
        const best = [entry.question, ...entry.paraphrases].map((way) => [similarity(way, body.question), way]).sort((a, b) => b[0] - a[0])[0]
        return { entry, score: Math.min(0.99, best[0] * 1.1), matched: best[1] }
      })
      .filter((candidate) => candidate.score > 0.08).sort((a, b) => b.score - a.score).slice(0, 4)
    const top = candidates[0]?.score ?? 0
    const decision = top >= 0.62 ? 'answer' : top >= 0.3 ? 'clarify' : 'handoff'
    const text = decision === 'answer' ? candidates[0].entry.answer : decision === 'handoff' ? '这个问题我没有可靠的答案，正在为您转接人工客服，请稍候。' : '您想问的是下面哪一个问题？'
    return {
      decision, decided_by: decision === 'answer' ? 'entry' : 'assistant', candidates, release_id: release.id, release_number: release.number, threshold: 0.62, clarify_threshold: 0.3, margin: 0,
      text: decision === 'answer' ? text : '', says: [{ type: 'text', text }], task: null, open: '', rule: null, handoff_reason: decision === 'handoff' ? 'no_answer' : '', urgency: null,
      language: 'zh', normalised: body.question, day: body.day ?? new Date().toISOString().slice(0, 10),
    }
  }],
  ['GET', 'learning/suggestions', ({ query }) => usesOf(Number(query.get('days') ?? 30))],
  ['GET', 'learning/groups', ({ query }) => ({ items: misses.filter((group) => group.state === (query.get('state') ?? 'open')), next: null, behind: 0 })],
  ['GET', 'learning/groups/:id', ({ params }) => {
    const group = missOf(params.id)
    const wording = { text: group.question, count: group.count, last_at: group.last_at, conversation_id: 'c1', language: 'zh', masked: false }
    const proposal = { id: '', question: group.question, paraphrases: [], answer: '', category: '', variants: {}, valid_from: null, valid_until: null, attachments: [] }
    return { group, wordings: [wording], replies: [], proposal, near: data.entries.slice(0, 3).map((entry, at) => ({ entry_id: entry.id, question: entry.question, score: 0.4 - at / 8 })) }
  }],
  ['POST', 'learning/groups/:id/draft', ({ me, params, body }) => {
    const group = Object.assign(missOf(params.id), { state: 'drafted', drafted: { entry_id: body.entry_id ?? 'q1', at: new Date().toISOString(), by: me.name, published: false, still_missed: false } })
    return { draft: draftRow(body.entry ? { ...body.entry, id: 'q1' } : data.entries.find((entry) => entry.id === body.entry_id)), group }
  }],
  ['POST', 'learning/groups/:id/dismiss', ({ me, params, body }) => ({ group: Object.assign(missOf(params.id), { state: 'dismissed', dismissed: { reason: body.reason, by: me.name, at: new Date().toISOString() } }) })],
  ['POST', 'learning/groups/:id/reopen', ({ params }) => ({ group: Object.assign(missOf(params.id), { state: 'open', dismissed: null }) })],
  ['GET', 'users', () => ({ items: users })],
  ['POST', 'users', ({ body }) => {
    if (users.some((user) => user.username === body.username)) throw new Refused(409, 'username_taken')
    const user = { id: `u-${(counter += 1)}`, enabled: true, locale: 'zh-CN', username: body.username, name: body.name, roles: body.roles, capacity: body.capacity }
    users = [...users, user]
    return [201, { user }]
  }],
  ['PATCH', 'users/:id', ({ params, body }) => ({ user: Object.assign(users.find((user) => user.id === params.id), body) })],
  ['POST', 'users/:id/password-reset', () => ({ password: 'k7Rm-w3Qz-p9Xt' })],
  ['POST', 'media', ({ raw }) => {
    const head = raw.subarray(0, 1000).toString('latin1')
    const mime = /Content-Type: (\S+)/i.exec(head)?.[1] ?? 'application/octet-stream'
    const name = Buffer.from(/filename="([^"]+)"/.exec(head)?.[1] ?? 'file', 'latin1').toString('utf8')
    return [201, { media: { id: 'f'.repeat(64), mime, name, size: raw.length, width: mime.startsWith('image/') ? 640 : 0, height: mime.startsWith('image/') ? 480 : 0, url: mime.startsWith('image/') ? '/media/cup.png' : '/media/form.pdf' } }]
  }],
].map(([method, pattern, run]) => [method, new RegExp(`^${pattern.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`), run])

async function bytesOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function missOf(id) {
  const group = misses.find((one) => one.id === id)
  if (!group) throw new Refused(404, 'unknown_group')
  return group
}

function session(request) {
  const token = /yizhan_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1]
  return token ? sessions.get(token) : undefined
}

function signIn(body, response) {
  if (Date.now() < lockedUntil) throw new Refused(423, 'locked', { retry_after: Math.ceil((lockedUntil - Date.now()) / 1000) })
  const user = users.find((one) => one.username === body.username && one.enabled)
  if (!user || body.password !== PASSWORD) {
    tries += 1
    if (tries >= 5) {
      tries = 0
      lockedUntil = Date.now() + Number(process.env.LOCK_MS ?? 90_000)
    }
    throw new Refused(401, 'bad_credentials')
  }
  const token = `s${Math.random().toString(36).slice(2)}`
  sessions.set(token, { user, csrf: `csrf-${token}` })
  response.setHeader('Set-Cookie', `yizhan_session=${token}; HttpOnly; SameSite=Lax; Path=/`)
  return { user, csrf: `csrf-${token}` }
}

async function api(request, response, url) {
  const raw = await bytesOf(request)
  const body = request.headers['content-type']?.startsWith('application/json') ? JSON.parse(raw.toString() || '{}') : {}
  const path = url.pathname.slice('/api/v1/'.length)
  if (path === 'session' && request.method === 'POST') return signIn(body, response)
  const its = session(request)
  if (!its) throw new Refused(401, 'unauthorized')
  if (request.method !== 'GET' && request.headers['x-csrf-token'] !== its.csrf) throw new Refused(403, 'csrf')
  if (path === 'session') {
    if (request.method === 'DELETE') sessions.delete(/yizhan_session=(\w+)/.exec(request.headers.cookie)[1])
    return request.method === 'DELETE' ? undefined : { user: its.user, csrf: its.csrf }
  }
  for (const [method, pattern, run] of routes) {
    const match = method === request.method && pattern.exec(path)
    if (match) return run({ me: its.user, params: match.groups ?? {}, query: url.searchParams, body, raw })
  }
  throw new Refused(404, 'not_found')
}

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="#dfe7e2"/><ellipse cx="320" cy="400" rx="150" ry="22" fill="#c3cfc8"/><rect x="230" y="150" width="180" height="250" rx="24" fill="#4f8d7d"/><rect x="222" y="92" width="196" height="74" rx="18" fill="#2f5f53"/><path d="M222 150h196" stroke="#e5b25a" stroke-width="9"/><circle cx="404" cy="150" r="22" fill="none" stroke="#bd4530" stroke-width="6"/></svg>`

async function file(response, path) {
  const name = normalize(path === '/' ? '/index.html' : path)
  try {
    const bytes = await readFile(join(staticRoot, name))
    response.writeHead(200, { 'Content-Type': types[extname(name)] ?? 'application/octet-stream', 'Content-Security-Policy': "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'" })
    response.end(bytes)
  } catch {
    response.writeHead(404).end()
  }
}

function send(response, result) {
  const [status, body] = Array.isArray(result) ? result : [result === undefined ? 204 : 200, result]
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(body === undefined ? '' : JSON.stringify(body))
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock')
  try {
    if (url.pathname.startsWith('/mock/')) {
      const raw = (await bytesOf(request)).toString()
      actions[url.pathname.slice(6)](raw ? JSON.parse(raw) : {})
      return send(response, undefined)
    }
    if (Date.now() < downUntil) return request.socket.destroy()
    if (url.pathname.startsWith('/api/v1/')) return send(response, await api(request, response, url))
    if (url.pathname.startsWith('/media/')) return response.writeHead(200, { 'Content-Type': 'image/svg+xml' }).end(picture)
    if (url.pathname === '/metrics') return response.writeHead(200, { 'Content-Type': 'text/plain' }).end('# mock\n')
    return await file(response, url.pathname)
  } catch (error) {
    if (!(error instanceof Refused)) console.error(error)
    const status = error.status ?? 500
    response.writeHead(status, { 'Content-Type': 'application/problem+json' })
    response.end(JSON.stringify({ type: 'about:blank', title: error.message, status, code: error.code ?? 'internal', ...error.extra }))
  }
})

const live = new WebSocketServer({ noServer: true })
server.on('upgrade', (request, socket, head) => {
  const its = session(request)
  if (Date.now() < downUntil || !its) return socket.destroy()
  live.handleUpgrade(request, socket, head, (ws) => {
    ws.user = its.user.id
    sockets.add(ws)
    ws.on('close', () => sockets.delete(ws))
    ws.on('message', (bytes) => {
      const frame = JSON.parse(bytes.toString())
      if (frame.type === 'watch') {
        ws.watched = new Set(frame.conversation_ids)
        ws.send('{"type":"watching"}')
      }
      if (frame.type === 'ping') ws.send('{"type":"pong"}')
    })
    ws.send('{"type":"hello"}')
  })
})
server.listen(port, '127.0.0.1', () => console.log(`mock gateway: http://127.0.0.1:${port}`))
