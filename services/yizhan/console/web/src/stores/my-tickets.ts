/**
 * The tickets that are mine to settle: how many, how many of them are late, and word of those that come or run late.
 *
 * Read once, and again when a frame concerns me, when the line was lost meanwhile, and when the next deadline passes. Nothing is
 * polled; frames of one moment are one reading.
 */

import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { Ticket } from '@/api/types'
import { toast } from '@/composables/toast'
import { useGateway } from '@/gateway'
import { i18n } from '@/i18n'
import type { ServerFrame } from '@/live/frames'
import { presets } from '@/pages/tickets/filter'
import { useAlerts } from './alerts'
import { useLive } from './live'
import { useSession } from './session'

/** Frames within this are one reading: a screen asks at most this often, whatever happens to tickets. */
export const GATHER_MS = 2_000
export const RETRY_MS = 30_000
/** A deadline further away than a timer reaches. */
const FARTHEST_MS = 24 * 3_600_000

/** Tickets that have changed, or null: any may have. */
export type TicketNews = { readonly ids: ReadonlySet<string> | null }

/** When this ticket becomes late, as far as that is to come. */
export function lateAt(ticket: Ticket, now: number): number {
  const answer = ticket.first_response_at ? null : ticket.response_due
  const solution = ticket.paused_at ? null : (ticket.solution_due ?? ticket.promised_by)
  const times = [answer, solution].map((at) => (at ? Date.parse(at) : Number.NaN)).filter((at) => at > now)
  return Math.min(...times)
}

export const useMyTickets = defineStore('my-tickets', () => {
  const session = useSession()
  const live = useLive()
  const alerts = useAlerts()
  const t = i18n.global.t
  const count = ref(0)
  const overdue = ref(0)
  /** What a page that shows tickets looks at again. */
  const news = shallowRef<TicketNews>({ ids: new Set() })
  let known: Map<string, boolean> | null = null
  let goTo: (ticket: string) => void = () => undefined
  let running = false
  let listening = false
  let round = 0
  let timer: unknown
  let gathering: { ids: Set<string> | null; mine: boolean } | null = null

  function plan(ms: number): void {
    const { timers } = useGateway()
    timers.clear(timer)
    timer = running ? timers.set(() => void load(), Math.min(ms, FARTHEST_MS)) : undefined
  }

  function call(words: string, ticket: string): void {
    alerts.messageSound()
    toast.note(words)
    alerts.notify(words, '', `ticket-${ticket}`, () => goTo(ticket))
  }

  async function load(): Promise<void> {
    const mine = (round += 1)
    const { api, clock } = useGateway()
    try {
      const page = await api.searchTickets(presets.mine, 'due')
      const total = page.next ? (await api.countTickets(presets.mine)).count : page.items.length
      if (mine !== round || !running) return
      count.value = total
      overdue.value = page.items.filter((ticket) => ticket.overdue).length
      for (const ticket of page.items) {
        if (ticket.overdue && known?.get(ticket.id) === false) call(t('tickets.news.overdue', { number: ticket.number }), ticket.id)
      }
      known = new Map(page.items.map((ticket) => [ticket.id, ticket.overdue]))
      const now = clock.now()
      plan(Math.min(...page.items.map((ticket) => lateAt(ticket, now))) - now + 1_000)
    } catch {
      if (mine === round) plan(RETRY_MS) // the page of tickets says what is wrong; the count stays as it was
    }
  }

  function gather(ids: readonly string[] | null, mine: boolean): void {
    if (!gathering) {
      gathering = { ids: new Set(), mine: false }
      useGateway().timers.set(flush, GATHER_MS)
    }
    gathering.mine ||= mine
    gathering.ids = ids && gathering.ids ? new Set([...gathering.ids, ...ids]) : null
  }

  function flush(): void {
    const gathered = gathering
    gathering = null
    if (!gathered || !running) return
    news.value = { ids: gathered.ids }
    if (gathered.mine) void load()
  }

  function receive(frame: ServerFrame): void {
    if (!running) return
    if (frame.type === 'gap') return gather(null, true)
    if (frame.type !== 'ticket') return
    const { id, number, agent_id, before_agent_id, by_id } = frame.ticket
    gather([id], agent_id === session.me || before_agent_id === session.me)
    if (agent_id === session.me && before_agent_id !== session.me && by_id !== session.me) call(t('tickets.news.assigned', { number }), id)
  }

  return {
    count,
    overdue,
    news,
    onGoTo(run: (ticket: string) => void): void {
      goTo = run
    },
    start(): void {
      if (running || !session.may('tickets')) return
      running = true
      if (!listening) {
        listening = true
        live.onFrame(receive)
        live.onReady((returned) => running && returned && gather(null, true))
      }
      void load()
    },
    stop(): void {
      running = false
      round += 1
      plan(0)
      known = null
      count.value = 0
      overdue.value = 0
    },
  }
})
