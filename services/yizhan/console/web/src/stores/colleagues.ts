/** Colleagues who have the same conversation open, and what this agent does in theirs. Hints: nothing depends on them. */

import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { useGateway } from '@/gateway'
import type { Colleague, Doing } from '@/live/frames'
import { useLive } from './live'

/** Without another key press by then nobody is writing any more. */
const IDLE_MS = 6_000

export const useColleagues = defineStore('colleagues', () => {
  const live = useLive()
  const here = shallowRef<readonly Colleague[]>([])
  let at = ''
  let doing: Doing = 'viewing'
  let idle: unknown = null

  function tell(next: Doing): void {
    if (next === doing) return
    doing = next
    live.attend(at, doing)
  }

  return {
    here,
    /** Which conversation is open here; empty: none. */
    open(conversation: string): void {
      if (conversation === at) return
      at = conversation
      doing = 'viewing'
      here.value = []
      live.attend(at, doing)
    },
    /** A key was pressed in a box. */
    writes(what: 'noting' | 'replying'): void {
      const { timers } = useGateway()
      if (idle !== null) timers.clear(idle)
      idle = timers.set(() => {
        idle = null
        tell('viewing')
      }, IDLE_MS)
      tell(what)
    },
    heard(conversation: string, people: readonly Colleague[]): void {
      if (conversation === at) here.value = people
    },
  }
})
