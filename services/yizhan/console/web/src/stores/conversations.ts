/** Every conversation that this screen knows, and the boxes' lists over them. */

import { defineStore } from 'pinia'
import { computed, reactive, ref, shallowReactive } from 'vue'
import { Problem } from '@/api/problem'
import type { Box, Can, Conversation, Message } from '@/api/types'
import { useGateway } from '@/gateway'
import type { ConversationHint } from '@/live/frames'
import { listed, sortKey, withHint, withLastMessage, withSnapshot } from '@/live/boxes'
import { useSession } from './session'

interface BoxState {
  loading: boolean
  /** Set once a first page arrived. */
  loaded: boolean
  failed: unknown
  next: string | null
  horizon: number | null
}

const boxes: readonly Box[] = ['mine', 'queued', 'all', 'closed']
const nothing: Can = { say: false, close: false, return: false, accept: false }

function freshBox(): BoxState {
  return { loading: false, loaded: false, failed: null, next: null, horizon: null }
}

export const useConversations = defineStore('conversations', () => {
  const session = useSession()
  const known = shallowReactive(new Map<string, Conversation>())
  const permissions = shallowReactive(new Map<string, { epoch: number; can: Can }>())
  const state = reactive<Record<Box, BoxState>>({
    mine: freshBox(),
    queued: freshBox(),
    all: freshBox(),
    closed: freshBox(),
  })
  const search = ref('')
  const found = reactive({ text: '', ids: [] as string[], next: null as string | null, loading: false, failed: null as unknown })
  const asked = new Set<string>()
  /** The list that is on the screen. */
  let looked: Box | null = null
  /** Conversations that wait and that only frames told of: counted, and asked about when somebody looks. */
  const waiting = shallowReactive(new Set<string>())
  const again = new Set<Box>()
  const underway = new Map<Box, Promise<void>>()
  /** Counts the frames that told what may be sent, or what is owed; and the last of them for each conversation. */
  let told = 0
  const toldOf = new Map<string, number>()
  /** The same of frames that told what is owed. */
  const owedOf = new Map<string, number>()
  let searchRound = 0

  const lists = computed(
    () =>
      Object.fromEntries(
        boxes.map((box) => [box, listed(box, known.values(), session.me, state[box].horizon)]),
      ) as Record<Box, Conversation[]>,
  )

  /** `since`: how much had been told when this was asked for. */
  function put(snapshot: Conversation, since: number): void {
    const toldSince = (toldOf.get(snapshot.id) ?? 0) > since
    waiting.delete(snapshot.id)
    const owedSince = (owedOf.get(snapshot.id) ?? 0) > since
    known.set(snapshot.id, withSnapshot(known.get(snapshot.id), snapshot, toldSince, owedSince))
  }

  /** Asked for while it is on its way, a list is asked for once more: the answer may be older than what made one ask. */
  function load(box: Box, more = false): Promise<void> {
    const under = underway.get(box)
    if (under) {
      if (!more) again.add(box)
      return under
    }
    const run = fetchList(box, more).finally(() => {
      underway.delete(box)
      if (again.delete(box)) return load(box)
    })
    underway.set(box, run)
    return run
  }

  async function fetchList(box: Box, more: boolean): Promise<void> {
    const its = state[box]
    const counted = [...waiting]
    its.loading = true
    its.failed = null
    const since = told
    try {
      const page = await useGateway().api.conversations(box, { cursor: more ? its.next : null })
      page.items.forEach((item) => put(item, since))
      if (!more) await forgetAbsent(box, page.items, page.next)
      if (!more && box === 'queued') counted.forEach((id) => waiting.delete(id))
      const last = page.items.at(-1)
      its.next = page.next
      its.horizon = page.next && last ? sortKey(box, last) : null
      its.loaded = true
    } catch (error) {
      its.failed = error
    } finally {
      its.loading = false
    }
  }

  /** Hints may have been missed: what this screen holds for the box and the gateway does not list is asked about. */
  async function forgetAbsent(box: Box, items: readonly Conversation[], next: string | null): Promise<void> {
    if (box === 'all' || next) return
    const there = new Set(items.map((item) => item.id))
    const absent = listed(box, known.values(), session.me, null).filter((item) => !there.has(item.id))
    const gone = (item: Conversation) => (error: unknown) => {
      if (error instanceof Problem && error.passing) throw error // nobody knows: it stays
      known.delete(item.id)
    }
    await Promise.all(absent.slice(0, 50).map((item) => refresh(item.id).catch(gone(item))))
  }

  async function find(text: string, box: Box, more = false): Promise<void> {
    searchRound += 1
    const round = searchRound
    found.loading = true
    found.failed = null
    const since = told
    try {
      const page = await useGateway().api.conversations(box, { search: text, cursor: more ? found.next : null })
      if (round !== searchRound) return
      page.items.forEach((item) => put(item, since))
      const ids = page.items.map((item) => item.id)
      found.ids = more ? [...found.ids, ...ids] : ids
      found.next = page.next
      found.text = text
    } catch (error) {
      if (round === searchRound) found.failed = error
    } finally {
      if (round === searchRound) found.loading = false
    }
  }

  async function refresh(id: string): Promise<Conversation> {
    const since = told
    const { conversation, can } = await useGateway().api.conversation(id)
    put(conversation, since)
    permissions.set(id, { epoch: conversation.epoch, can })
    return known.get(id) ?? conversation
  }

  /** Asks about a conversation that a frame named; once at a time. */
  async function discover(id: string): Promise<void> {
    if (asked.has(id)) return
    asked.add(id)
    try {
      await refresh(id)
    } catch {
      // not for this agent, or the line is down: the next refetch of the lists will tell
    } finally {
      asked.delete(id)
    }
  }

  /**
   * Whether an unknown conversation is to be asked about at once. Every hint reaches every screen: if each asked about
   * whoever comes to wait, five hundred screens would ask about each. Those who look at the list do.
   */
  function wanted(hint: ConversationHint): boolean {
    if (looked === 'all' || hint.agent?.id === session.me) return true
    return looked === 'queued' && waits(hint)
  }

  const waits = (hint: ConversationHint): boolean => hint.state === 'queued' || hint.state === 'offered'

  function countWaiting(hint: ConversationHint): void {
    if (waits(hint)) waiting.add(hint.id)
    else if (hint.state !== undefined) waiting.delete(hint.id)
  }

  function hinted(hint: ConversationHint): void {
    const conversation = known.get(hint.id)
    if (hint.reply_window) toldOf.set(hint.id, (told += 1))
    if (hint.answer !== undefined) owedOf.set(hint.id, (told += 1))
    if (conversation) known.set(hint.id, withHint(conversation, hint))
    else countWaiting(hint)
    if (conversation && !(hint.state === 'queued' && !conversation.handoff)) return
    if (wanted(hint)) void discover(hint.id)
  }

  function said(id: string, message: Message, preview: string): void {
    const conversation = known.get(id)
    if (conversation) known.set(id, withLastMessage(conversation, message, preview))
    else void discover(id)
  }

  /** What this agent may do, as the gateway last said for the present ownership, else what the state implies. */
  function can(id: string): Can {
    const conversation = known.get(id)
    if (!conversation) return nothing
    const said = permissions.get(id)
    if (said && said.epoch === conversation.epoch) {
      return conversation.state === 'closed' ? nothing : said.can
    }
    const mine = conversation.state === 'assigned' && conversation.agent?.id === session.me
    return { say: mine, close: mine, return: mine, accept: false }
  }

  return {
    known,
    state,
    search,
    found,
    lists,
    load,
    find,
    refresh,
    discover,
    /** How many wait, also of those whose rows were not asked for. */
    queued: computed(() => lists.value.queued.length + waiting.size),
    /** This list is on the screen from now on. Of all lists but one's own, not everything was told until now. */
    async look(box: Box | null): Promise<void> {
      looked = box
      if (box && (box !== 'mine' || !state.mine.loaded)) await load(box)
    },
    hinted,
    said,
    can,
    forget(): void {
      known.clear()
      permissions.clear()
      toldOf.clear()
      waiting.clear()
      again.clear()
      looked = null
      for (const box of boxes) Object.assign(state[box], freshBox())
      search.value = ''
      found.ids = []
    },
  }
})
