/** What the supervisor's board shows, while somebody looks: read again on live hints, and anyhow now and then. */

import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { Board } from '@/api/board'
import { useGateway } from '@/gateway'
import type { ServerFrame } from '@/live/frames'
import { useLive } from './live'

/** Without hints. With them it is read after one, and this often to be sure. */
export const POLL_MS = 5_000
export const CHECK_MS = 15_000
/** Many hints in a row are one reading. */
export const GATHER_MS = 700

/** Whether a frame tells of something that the board shows: not every message, but who has a conversation, owes an answer, or is there. */
export function concernsBoard(frame: ServerFrame): boolean {
  if (frame.type === 'conversation') return frame.conversation.state !== undefined || frame.conversation.answer !== undefined
  return frame.type === 'presence' || frame.type === 'gap'
}

export const useBoard = defineStore('board', () => {
  const live = useLive()
  const board = shallowRef<Board | null>(null)
  const failed = ref<unknown>(null)
  const readAt = ref(0)
  const connected = computed(() => live.status.state === 'online')
  let watching = false
  let listening = false
  let round = 0
  let timer: unknown

  function plan(ms: number): void {
    const { timers } = useGateway()
    timers.clear(timer)
    timer = watching ? timers.set(() => void load(), ms) : undefined
  }

  async function load(): Promise<void> {
    round += 1
    const mine = round
    try {
      const fresh = await useGateway().api.board()
      if (mine !== round || !watching) return
      board.value = fresh
      readAt.value = useGateway().clock.now()
      failed.value = null
    } catch (error) {
      if (mine === round) failed.value = error
    } finally {
      if (mine === round) plan(connected.value ? CHECK_MS : POLL_MS)
    }
  }

  function hinted(frame: ServerFrame): void {
    if (watching && concernsBoard(frame)) plan(GATHER_MS)
  }

  return {
    board,
    failed,
    readAt,
    connected,
    load,
    start(): void {
      watching = true
      if (!listening) {
        listening = true
        live.onFrame(hinted)
        live.onReady(() => watching && void load())
      }
      void load()
    },
    stop(): void {
      watching = false
      round += 1
      plan(0)
    },
  }
})
