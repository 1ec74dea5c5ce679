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

export const browserTimers: Timers = {
  set: (run, ms) => window.setTimeout(run, ms),
  clear: (timer) => window.clearTimeout(timer as number | undefined),
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
    timers: browserTimers,
    newId: randomId,
  }
}
