/** The live connection as the pages see it: its status, and who wants its frames. */

import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { useGateway } from '@/gateway'
import { LiveConnection, type LiveStatus } from '@/live/connection'
import type { Doing, ServerFrame } from '@/live/frames'

/** Failed attempts after which the session is asked about: a browser does not tell a refused upgrade from a broken line. */
const PROBE_AT = 2

export const useLive = defineStore('live', () => {
  const status = shallowRef<LiveStatus>({ state: 'idle' })
  /** When the next attempt starts, by this computer's clock. */
  const retryAt = ref(0)
  const frameListeners = new Set<(frame: ServerFrame) => void>()
  const readyListeners = new Set<(returned: boolean) => void>()
  let connection: LiveConnection | null = null
  let sessionOver: () => void = () => undefined

  function show(next: LiveStatus): void {
    status.value = next
    if (next.state !== 'waiting') return
    retryAt.value = Date.now() + next.retryInMs
    if (next.attempt % PROBE_AT === 0) void probe()
  }

  async function probe(): Promise<void> {
    try {
      await useGateway().api.session()
    } catch (error) {
      if (error instanceof Error && 'kind' in error && error.kind === 'unauthorized') sessionOver()
    }
  }

  return {
    status,
    retryAt,
    start(onSessionOver: () => void): void {
      if (connection) return
      sessionOver = onSessionOver
      const gateway = useGateway()
      connection = new LiveConnection({
        open: () => gateway.openSocket(),
        timers: gateway.timers,
        random: Math.random,
        onFrame: (frame) => frameListeners.forEach((listener) => listener(frame)),
        onStatus: show,
        onReady: (returned) => readyListeners.forEach((listener) => listener(returned)),
        onSessionOver: () => sessionOver(),
      })
      connection.start()
    },
    stop(): void {
      connection?.stop()
      connection = null
    },
    retryNow: () => connection?.retryNow(),
    lineLost: () => connection?.lineLost(),
    watch: (conversations: readonly string[], lastWords: boolean) => connection?.watch(conversations, lastWords),
    attend: (conversation: string, doing: Doing) => connection?.attend(conversation, doing),
    watching: () => connection?.watching() ?? Promise.resolve(),
    /** Gives what ends it. */
    onFrame(listener: (frame: ServerFrame) => void): () => void {
      frameListeners.add(listener)
      return () => frameListeners.delete(listener)
    },
    onReady(listener: (returned: boolean) => void): () => void {
      readyListeners.add(listener)
      return () => readyListeners.delete(listener)
    },
  }
})
