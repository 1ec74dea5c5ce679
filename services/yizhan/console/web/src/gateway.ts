/** What connects the console to its gateway; replaced as a whole in tests. */

import { createEndpoints, type Endpoints } from '@/api/endpoints'
import { createHttp, type Http } from '@/api/http'
import { ServerClock } from '@/live/clock'
import type { Socket, Timers } from '@/live/connection'

export interface Gateway {
  api: Endpoints
  http: Http
  clock: ServerClock
  openSocket(): Socket
  timers: Timers
  newId(): string
}

let current: Gateway | null = null
let expired: () => void = () => undefined

export function installGateway(gateway: Gateway): void {
  current = gateway
}

export function useGateway(): Gateway {
  if (!current) throw new Error('no gateway is installed')
  return current
}

/** Called when any request finds that the session is over. */
export function onSessionExpired(run: () => void): void {
  expired = run
}

/** A random UUID; `crypto.randomUUID` exists only on https and localhost, and consoles do run on plain http inside a company. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Timers that keep time while the page is in the background; the page's own where workers are not to be had. */
export function workerTimers(start: () => Worker): Timers {
  const waiting = new Map<number, { run: () => void; ms: number }>()
  const onPage = new Map<number, number>()
  let worker: Worker | null = null
  let last = 0

  function due(id: number): void {
    const timer = waiting.get(id)
    waiting.delete(id)
    onPage.delete(id)
    timer?.run()
  }

  function giveUp(): void {
    worker = null
    for (const [id, { ms }] of waiting) onPage.set(id, window.setTimeout(due, ms, id))
  }

  try {
    worker = start()
    worker.onmessage = (event: MessageEvent<number>) => due(event.data)
    worker.onerror = giveUp // its file was refused or not found
  } catch {
    worker = null
  }

  return {
    set(run, ms) {
      last += 1
      waiting.set(last, { run, ms })
      if (worker) worker.postMessage({ id: last, ms })
      else onPage.set(last, window.setTimeout(due, ms, last))
      return last
    },
    clear(timer) {
      if (typeof timer !== 'number' || !waiting.delete(timer)) return
      window.clearTimeout(onPage.get(timer))
      onPage.delete(timer)
      worker?.postMessage({ id: timer, ms: null })
    },
  }
}

export function browserGateway(): Gateway {
  const clock = new ServerClock()
  const base = new URL('api/v1/', document.baseURI)
  const http = createHttp({
    base: base.href,
    fetch: (...call) => window.fetch(...call),
    onServerDate: (date) => clock.heard(date),
    onUnauthorized: () => expired(),
  })
  const live = new URL('live', base)
  live.protocol = live.protocol === 'https:' ? 'wss:' : 'ws:'
  return {
    api: createEndpoints(http),
    http,
    clock,
    openSocket: () => new WebSocket(live) as Socket,
    timers: workerTimers(
      () => new Worker(new URL('./live/ticker.worker.ts', import.meta.url), { type: 'module' }),
    ),
    newId: randomId,
  }
}
