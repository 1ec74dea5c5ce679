import { afterEach, describe, expect, test } from 'vitest'
import type { Endpoints } from '@/api/endpoints'
import { Problem } from '@/api/problem'
import type { Role, Ticket, TicketDetails, TicketEdit } from '@/api/types'
import { i18n } from '@/i18n'
import { bulkEdit, changeAll } from '@/pages/tickets/bulk'
import { useOpenedTicket } from '@/pages/tickets/opened'
import TicketNotes from '@/pages/tickets/TicketNotes.vue'
import TicketHistory from '@/pages/tickets/TicketHistory.vue'
import TicketsPage from '@/pages/tickets/TicketsPage.vue'
import TroublePanel from '@/pages/tickets/TroublePanel.vue'
import { useSession } from '@/stores/session'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../../mount'
import { details, ticket } from './ticket'

let mounted: Mounted | undefined
let gateway: FakeGateway

const people: Partial<Endpoints> = {
  agents: () => Promise.resolve({ items: [{ id: 'u2', name: '小雅', presence: 'online', load: 0, capacity: 5, enabled: true }] }),
  groups: () => Promise.resolve({ items: [] }),
}

function signedIn(answers: Partial<Endpoints>, roles: Role[] = ['agent']) {
  const pinia = freshPinia()
  i18n.global.locale.value = 'zh-CN'
  gateway = fakeGateway({ ...people, ...answers })
  useSession(pinia).enter({ user: { id: 'me', username: 'u', name: '小林', roles }, csrf: '' })
  return pinia
}

afterEach(() => {
  mounted?.app.unmount()
  mounted = undefined
})

const named = (name: string) => gateway.calls.filter((call) => call.name === name)

describe('an edit of a ticket that somebody else changed meanwhile', () => {
  const mine = ticket({ revision: 3 })
  const theirs = ticket({ revision: 4, priority: 'urgent' })

  function opened(answers: Partial<Endpoints>) {
    signedIn(answers)
    return useOpenedTicket(() => undefined)
  }

  test('is not made over theirs: both are kept for the person to decide', async () => {
    let now: TicketDetails = details(mine)
    const sent: [number, TicketEdit][] = []
    const one = opened({
      ticket: () => Promise.resolve(now),
      changeTicket: (_, revision, edit) => {
        sent.push([revision, edit])
        if (revision === now.ticket.revision) return Promise.resolve({ ticket: { ...now.ticket, revision: revision + 1 } })
        return Promise.reject(new Problem('conflict', { status: 409, code: 'ticket_changed' }))
      },
    })
    await one.open('t1')
    now = details(theirs)
    expect(await one.change({ type: 'fault' })).toBe(false)
    expect(one.trouble.value).toMatchObject({ edit: { type: 'fault' }, seen: { revision: 3 }, now: { revision: 4 } })
    await one.change({ priority: 'low' })
    expect(sent, 'nothing is sent while a decision is open').toHaveLength(1)
    expect(await one.again()).toBe(true)
    expect(sent.at(-1)).toEqual([4, { type: 'fault', priority: 'low' }])
    expect(one.trouble.value).toBeNull()
  })

  test('two quick edits of one person are no conflict', async () => {
    let now = mine
    const one = opened({
      ticket: () => Promise.resolve(details(now)),
      changeTicket: (_, revision, edit) => {
        if (revision !== now.revision) return Promise.reject(new Problem('conflict', { code: 'ticket_changed' }))
        now = { ...now, ...(edit as Partial<Ticket>), revision: revision + 1 }
        return Promise.resolve({ ticket: now })
      },
    })
    await one.open('t1')
    expect(await Promise.all([one.change({ type: 'fault' }), one.change({ priority: 'low' })])).toEqual([true, true])
    expect(one.details.value?.ticket).toMatchObject({ type: 'fault', priority: 'low', revision: 5 })
  })

  test('a refusal is kept with its reason and the edit, to be tried again', async () => {
    const one = opened({ ticket: () => Promise.resolve(details(mine)), changeTicket: () => Promise.reject(new Problem('conflict', { code: 'status_refused' })) })
    await one.open('t1')
    await one.change({ status: 'closed' })
    expect(one.trouble.value).toMatchObject({ now: null, edit: { status: 'closed' } })
  })

  test('is told in words: what they changed, and what one wanted', async () => {
    const pinia = signedIn({})
    const history = [{ id: 'e', at: '2026-11-22T05:59:00Z', by: { id: 'u2', name: '小雅', role: 'agent' as const }, kind: 'priority' as const, before: 'normal', after: 'urgent', note_id: null }]
    mounted = mount(TroublePanel, { trouble: { edit: { type: 'fault' }, seen: mine, now: theirs, error: null }, history, shown: theirs }, pinia)
    await settle()
    const text = mounted.find('ticket-trouble').textContent
    for (const words of ['刚被别人改过', '小雅', '优先级：普通 → 紧急', '类型：咨询 → 故障']) expect(text).toContain(words)
  })
})

describe('one edit of many tickets', () => {
  const three = ['a', 'b', 'c'].map((id) => ticket({ id, number: `T-${id}` }))

  test('each has its outcome, also the one that the answer forgot', async () => {
    signedIn({
      changeTickets: () => Promise.resolve({ outcomes: [{ id: 'a', code: null, detail: '', ticket: { ...three[0]!, status: 'solved' } }, { id: 'b', code: 'status_refused', detail: 'no', ticket: null }], done: 1, failed: 1 }),
    })
    const outcomes = await changeAll(three, { status: 'solved' })
    expect(outcomes.map((one) => [one.ticket.id, one.refused?.code ?? null, one.unanswered !== null])).toEqual([['a', null, false], ['b', 'status_refused', false], ['c', null, true]])
    expect(outcomes[0]?.ticket.status).toBe('solved')
  })

  test('more than the gateway takes at once go in parts; a part without an answer is told as such', async () => {
    let calls = 0
    signedIn({
      changeTickets: (ids) => ((calls += 1) === 2 ? Promise.reject(new Problem('timeout')) : Promise.resolve({ outcomes: ids.map((id) => ({ id, code: null, detail: '', ticket: null })), done: ids.length, failed: 0 })),
    })
    const outcomes = await changeAll(Array.from({ length: 450 }, (_, n) => ticket({ id: `t${n}` })), { type: 'fault' })
    expect(named('changeTickets').map((call) => (call.args[0] as string[]).length)).toEqual([200, 200, 50])
    expect(outcomes.filter((one) => one.unanswered !== null)).toHaveLength(200)
    expect(outcomes).toHaveLength(450)
  })

  test.each([
    ['a status', 'status', ['solved'], { status: 'solved' }],
    ['nobody as assignee', 'assignee', [''], { assignee: '' }],
    ['several tags', 'add_tags', ['a', 'b'], { add_tags: ['a', 'b'] }],
  ] as const)('%s', (_, kind, values, edit) => {
    expect(bulkEdit(kind, [...values])).toEqual(edit)
  })
})

describe('the page', () => {
  const two = [ticket(), ticket({ id: 't2', number: 'T000002', title: '发票抬头', first_response_at: '2026-11-22T05:00:00Z', solution_due: '2020-01-01T00:00:00Z', overdue: true })]
  const answers: Partial<Endpoints> = {
    searchTickets: () => Promise.resolve({ items: two, next: null }),
    countTickets: () => Promise.resolve({ count: 2 }),
    ticketViews: () => Promise.resolve({ items: [] }),
    ticket: (id) => Promise.resolve(details(two.find((one) => one.id === id) ?? two[0]!)),
  }
  const press = async (key: string) => {
    ;(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))
    await settle()
  }

  async function shown(more: Partial<Endpoints> = {}, roles: Role[] = ['agent']): Promise<Mounted> {
    const pinia = signedIn({ ...answers, ...more }, roles)
    mounted = mount(TicketsPage, {}, pinia)
    const router = mounted.app.config.globalProperties['$router'] as { push(to: unknown): Promise<unknown> }
    await router.push({ name: 'tickets' })
    await settle()
    return mounted
  }

  test('what is late says so in words and not by colour alone', async () => {
    const { root } = await shown()
    const late = root.querySelector('[data-ticket=T000002]')
    expect(late?.textContent).toContain('已超时')
    expect(late?.querySelector('[data-due=late] svg')).not.toBeNull()
  })

  test('keys go through the list, and select', async () => {
    const { find, maybe } = await shown()
    await press('j')
    await press('j')
    expect((document.activeElement as HTMLElement).closest<HTMLElement>('[data-ticket]')?.dataset['ticket']).toBe('T000002')
    expect(maybe('bulk-bar')).toBeNull()
    await press('x')
    expect(find('bulk-bar').textContent).toContain('已选 1 张')
    await press('Escape')
    expect(maybe('bulk-bar')).toBeNull()
  })

  test('a list that cannot be read says why, and is read again', async () => {
    let fail = true
    const { root } = await shown({ searchTickets: () => (fail ? Promise.reject(new Problem('offline')) : Promise.resolve({ items: two, next: null })) })
    expect(root.textContent).toContain('没有加载成功')
    fail = false
    root.querySelector<HTMLElement>('.list .empty button')?.click()
    await settle()
    expect(root.textContent).toContain('发票抬头')
  })

  test.each<[Role, boolean]>([['agent', false], ['supervisor', true]])('files are for supervisors: %s', async (role, may) => {
    const { maybe } = await shown({}, [role])
    expect(maybe('ticket-export') !== null).toBe(may)
  })
})

describe('a note', () => {
  test('that is not saved stays, survives a reload, and is noted once when it is sent again', async () => {
    let fail = true
    const pinia = signedIn({ noteTicket: () => (fail ? Promise.reject(new Problem('timeout')) : Promise.resolve({ note: { id: 'n', ticket_id: 't1', at: '', author: { id: 'me', name: '' }, text: '' }, ticket: ticket() })) })
    const write = async () => {
      mounted = mount(TicketNotes, { details: details(ticket()), locked: false }, pinia)
      await settle()
      return mounted.find('note-input') as HTMLTextAreaElement
    }
    const field = await write()
    field.value = '已催仓库'
    field.dispatchEvent(new Event('input'))
    await settle()
    mounted!.find('note-add').click()
    await settle()
    expect(mounted!.root.textContent).toContain('备注没有保存')
    mounted!.app.unmount()
    expect((await write()).value).toBe('已催仓库')
    fail = false
    mounted!.find('note-add').click()
    await settle()
    const [first, second] = named('noteTicket').map((call) => call.args[1])
    expect(second).toEqual(first)
    expect((mounted!.find('note-input') as HTMLTextAreaElement).value).toBe('')
  })
})

test('history is told in words, the latest first', async () => {
  const pinia = signedIn({})
  const by = { id: 'u2', name: '小雅', role: 'agent' as const }
  const events = [
    { id: '1', at: '2026-11-22T04:00:00Z', by: { id: 'system', name: '', role: 'system' as const }, kind: 'created' as const, before: '', after: 'off_hours', note_id: null },
    { id: '2', at: '2026-11-22T05:00:00Z', by, kind: 'tag' as const, before: '', after: '加急', note_id: null },
    { id: '3', at: '2026-11-22T05:10:00Z', by, kind: 'status' as const, before: 'open', after: 'pending', note_id: null },
    { id: '4', at: '2026-11-22T05:20:00Z', by, kind: 'absorbed' as const, before: '', after: 'T000009', note_id: null },
  ]
  mounted = mount(TicketHistory, { events }, pinia)
  await settle()
  const lines = [...mounted.root.querySelectorAll('[data-testid=ticket-event]')].map((line) => line.textContent?.replaceAll(/\s+/g, ' '))
  expect(lines[0]).toContain('小雅 把 T000009 并入了这张工单')
  expect(lines[1]).toContain('小雅 状态：待处理 → 等待客户')
  expect(lines[2]).toContain('小雅 添加标签“加急”')
  expect(lines[3]).toContain('系统 新建工单（非工作时间）')
})
