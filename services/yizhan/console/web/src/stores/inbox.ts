/**
 * Brings the parts of the inbox together: frames go to their stores, a return of the connection refetches what may
 * have been missed, and the gateway is told which transcripts this screen wants.
 */

import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, watch } from 'vue'
import type { InternalNote } from '@/api/notes'
import { Problem } from '@/api/problem'
import type { Box, Conversation, Message } from '@/api/types'
import { toast } from '@/composables/toast'
import { i18n } from '@/i18n'
import { customerName, preview, type Translate } from '@/i18n/words'
import { useGateway } from '@/gateway'
import type { RefusedFrame, ServerFrame } from '@/live/frames'
import { useAlerts } from './alerts'
import { useColleagues } from './colleagues'
import { useConversations } from './conversations'
import { useLive } from './live'
import { useNotes } from './notes'
import { useOffers } from './offers'
import { usePending } from './pending'
import { useSeen } from './seen'
import { useSession } from './session'
import { useSuggestions } from './suggestions'
import { useTranscripts } from './transcripts'

export type BoxName = 'offered' | Box

const WATCHED = 100
const ROWS_WATCHED = 40
/** What could not be asked for after a return is asked for again. */
const AGAIN_MS = 3_000

const t: Translate = (key, named) => i18n.global.t(key, named ?? {})

export const useInbox = defineStore('inbox', () => {
  const session = useSession()
  const live = useLive()
  const conversations = useConversations()
  const offers = useOffers()
  const transcripts = useTranscripts()
  const pending = usePending()
  const suggestions = useSuggestions()
  const alerts = useAlerts()
  const seen = useSeen()
  const notes = useNotes()
  const colleagues = useColleagues()

  const box = ref<BoxName>('mine')
  const openId = ref<string | null>(null)
  /** The conversation of a ticket that is open on its own page: how far what is written there gets is to be seen. */
  const besideId = ref<string | null>(null)
  /** Conversations that someone else took while this agent had them. */
  const lost = ref(new Set<string>())
  const missing = ref(false)
  /** Counts returns of the connection, so that the banner can say that all is well again. */
  const returns = ref(0)
  let running = false
  let goTo: (id: string, box: BoxName) => void = () => undefined

  const open = computed(() => (openId.value ? (conversations.known.get(openId.value) ?? null) : null))
  const unread = computed(() => conversations.lists.mine.filter((item) => seen.unread(item)).length)
  const calls = computed(() => offers.items.length + unread.value)

  const wanted = computed(() => {
    const rows = box.value === 'offered' ? [] : conversations.lists[box.value].slice(0, ROWS_WATCHED)
    return [
      ...(openId.value ? [openId.value] : []),
      ...(besideId.value ? [besideId.value] : []),
      ...offers.items.map((offer) => offer.conversation_id),
      ...conversations.lists.mine.map((item) => item.id),
      ...rows.map((item) => item.id),
    ].slice(0, WATCHED)
  })
  /** One's own conversations and the offered ones are watched; other lists, and what was searched for, show many that are not. */
  const lastWords = computed(
    () => !['mine', 'offered'].includes(box.value) || conversations.search !== '' || wanted.value.length >= WATCHED,
  )
  const watchWanted = () => live.watch(wanted.value, lastWords.value)
  watch([wanted, lastWords], watchWanted)

  const isMine = (conversation: Conversation | undefined): boolean =>
    conversation?.state === 'assigned' && conversation.agent?.id === session.me

  function markSeen(): void {
    const id = openId.value
    const messages = id ? transcripts.loaded.get(id)?.messages : undefined
    const last = messages?.at(-1)
    if (id && last && !document.hidden) seen.mark(id, last.seq)
  }

  function receive(frame: ServerFrame): void {
    switch (frame.type) {
      case 'message':
        return messageCame(frame.conversation_id, frame.message)
      case 'conversation': {
        const before = conversations.known.get(frame.conversation.id)
        conversations.hinted(frame.conversation)
        ownershipChanged(before)
        if (frame.conversation.last_seq) transcripts.heard(frame.conversation.id, frame.conversation.last_seq)
        return
      }
      case 'typing':
        if (frame.author.kind === 'customer') transcripts.isTyping(frame.conversation_id)
        return
      case 'receipt':
        transcripts.receipt(frame.conversation_id, frame.seq, frame.state, frame.reason ?? null, frame.fallback ?? null)
        if (frame.reply_window) conversations.hinted({ id: frame.conversation_id, reply_window: frame.reply_window })
        return
      case 'offer':
        offers.hinted(frame.offer)
        if (frame.offer.change === 'made') void conversations.refresh(frame.offer.conversation_id).catch(() => undefined)
        return
      case 'note':
        return noteCame(frame.conversation_id, frame.note)
      case 'attending':
        return colleagues.heard(frame.conversation_id, frame.people)
      case 'refused':
        return frame.action ? void actionRefused(frame) : messageRefused(frame.client_id, frame.reason)
      case 'gap':
        void resync()
        return
      default:
        return
    }
  }

  function messageCame(id: string, message: Message): void {
    const before = conversations.known.get(id)
    transcripts.receive(id, message)
    conversations.said(id, message, preview(message.content, t))
    pending.confirm(id, [message])
    if (id === openId.value) markSeen()
    // Where a task stands is not in the frame.
    if (id === openId.value && message.author.kind === 'bot') void conversations.discover(id)
    const isNews = message.author.kind === 'customer' && isMine(before) && message.seq > (before?.last_seq ?? 0)
    if (isNews && (id !== openId.value || document.hidden)) {
      alerts.messageSound()
      const name = before ? customerName(before.customer, t) : t('customer.anonymous')
      alerts.notify(t('alerts.newMessage', { name }), '', `message-${id}`, () => goTo(id, 'mine'))
    }
  }

  function noteCame(id: string, note: InternalNote): void {
    notes.receive(id, note)
    if (note.whisper_to !== session.me || (id === openId.value && !document.hidden)) return
    alerts.messageSound()
    const words = t('desk.note.arrived', { name: note.author.name || t('role.supervisor') })
    toast.note(words)
    alerts.notify(words, '', `note-${id}`, () => goTo(id, 'mine'))
  }

  function ownershipChanged(before: Conversation | undefined): void {
    if (!before) return
    const after = conversations.known.get(before.id)
    if (!after || after.epoch === before.epoch) return
    if (isMine(after)) lost.value.delete(after.id)
    else if (isMine(before) && after.state === 'assigned') lost.value.add(after.id)
    if (after.id === openId.value) void conversations.refresh(after.id).catch(() => undefined)
  }

  function messageRefused(clientId: string, reason: string): void {
    const item = pending.items.find((one) => one.clientId === clientId)
    pending.refuse(clientId, reason)
    if (!item || reason !== 'stale_epoch') return
    void refreshOwnership(item.conversationId)
  }

  /** Nothing is said when what was wanted is so all the same: the first of two requests was taken. */
  async function actionRefused(frame: RefusedFrame): Promise<void> {
    await refreshOwnership(frame.conversation_id)
    const after = conversations.known.get(frame.conversation_id)
    if (!frame.action || !after || isMine(after) === (frame.action === 'take')) return
    toast.failed(t(`desk.refused.${frame.action}`, { name: customerName(after.customer, t) }))
  }

  /** The gateway said that this screen's picture of the ownership is old: look again. */
  async function refreshOwnership(id: string): Promise<void> {
    const before = conversations.known.get(id)
    const after = await conversations.refresh(id).catch(() => null)
    if (after) ownershipChanged(before)
  }

  /** Everything that frames may have told while nobody listened. */
  async function resync(): Promise<void> {
    watchWanted()
    await live.watching()
    const openNow = openId.value
    const kept = new Set([...(openNow ? [openNow] : []), ...conversations.lists.mine.map((item) => item.id)])
    transcripts.keepOnly(kept)
    const shown = box.value
    const lists: Box[] = ['mine', 'queued', ...(shown === 'all' || shown === 'closed' ? [shown] : [])]
    const before = openNow ? conversations.known.get(openNow) : undefined
    const asked = await Promise.allSettled([
      offers.refresh(),
      ...lists.map((list) => conversations.load(list)),
      ...(openNow ? [conversations.refresh(openNow).then(() => ownershipChanged(before))] : []),
      ...[...transcripts.loaded.keys()].map((id) => transcripts.catchUp(id)),
      ...[...notes.loaded.keys()].map((id) => notes.catchUp(id)),
    ])
    const failures = [
      ...asked.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : [])),
      ...lists.map((list) => conversations.state[list].failed),
      ...[...notes.loaded.values()].map((one) => one.failed),
    ]
    if (failures.some((failure) => failure instanceof Problem && failure.passing)) resyncLater()
  }

  let later: unknown = null

  /** The gateway is there but could not tell everything; without a line its return asks anyway. */
  function resyncLater(): void {
    const { timers } = useGateway()
    timers.clear(later)
    later = timers.set(() => running && live.status.state === 'online' && void resync(), AGAIN_MS)
  }

  async function ready(returned: boolean): Promise<void> {
    await resync()
    pending.flush()
    if (returned) returns.value += 1
  }

  async function show(id: string | null): Promise<void> {
    openId.value = id
    missing.value = false
    if (!id) return
    try {
      watchWanted()
      await live.watching() // frames first, then the picture that they change
      const detail = await conversations.refresh(id)
      void notes.catchUp(id)
      await transcripts.open(id, detail.last_seq)
      markSeen()
    } catch (error) {
      if (id !== openId.value) return
      if (error instanceof Error && 'kind' in error && (error.kind === 'missing' || error.kind === 'forbidden')) missing.value = true
      else transcripts.states.set(id, { loading: false, loadingOlder: false, failed: error })
    }
  }

  let expiry: ReturnType<typeof setInterval> | undefined
  onScopeDispose(() => clearInterval(expiry))

  return {
    box,
    openId,
    besideId,
    open,
    unread,
    calls,
    lost,
    missing,
    returns,
    markSeen,
    show,
    resync,
    isMine,
    refreshOwnership,
    onGoTo(run: (id: string, box: BoxName) => void): void {
      goTo = run
    },
    async setBox(name: BoxName): Promise<void> {
      box.value = name
      watchWanted()
      await live.watching() // frames first, then the picture that they change
      if (name !== box.value) return
      const looked = conversations.look(name === 'offered' ? null : name)
      if (name === 'offered') await offers.refresh().catch(() => undefined)
      await looked
    },
    /** Accepts an offer; the answer names the ownership that the agent has from now on. */
    async accept(offerId: string): Promise<string> {
      const { conversation_id, epoch } = await offers.accept(offerId)
      const user = session.user
      if (user) {
        const agent = { id: user.id, name: user.name }
        conversations.hinted({ id: conversation_id, state: 'assigned', epoch, agent })
      }
      return conversation_id
    },
    start(): void {
      if (running) return
      running = true
      seen.start(session.me)
      notes.start(session.me)
      transcripts.onArrived((id, messages) => {
        pending.confirm(id, messages)
        if (id === openId.value) markSeen()
      })
      offers.onNew((offer) => {
        alerts.offerSound()
        const name = offer.customer_name || t('customer.anonymous')
        alerts.notify(t('alerts.newOffer'), name, `offer-${offer.id}`, () => goTo(offer.conversation_id, 'offered'))
      })
      pending.start(session.me, (id) => void transcripts.catchUp(id))
      expiry = setInterval(() => offers.expire(useGateway().clock.now()), 500)
      void conversations.load('mine')
      void conversations.load('queued')
      void offers.refresh().catch(() => undefined)
    },
    receive,
    ready: (returned: boolean) => void ready(returned),
    stop(): void {
      running = false
      clearInterval(expiry)
      pending.stop()
      conversations.forget()
      offers.forget()
      transcripts.forget()
      notes.forget()
      suggestions.stop()
      lost.value.clear()
      openId.value = null
      besideId.value = null
      box.value = 'mine'
    },
  }
})
