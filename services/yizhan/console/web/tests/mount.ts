import { createPinia, disposePinia, setActivePinia, type Pinia } from 'pinia'
import { onTestFinished } from 'vitest'
import { createApp, nextTick, type App, type Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Endpoints } from '@/api/endpoints'
import { installGateway, type Gateway } from '@/gateway'
import { i18n } from '@/i18n'
import { ServerClock } from '@/live/clock'
import { forgetDrafts } from '@/stores/drafts'
import { FakeSocket, FakeTimers } from './live/fakes'

export interface FakeGateway extends Gateway {
  timers: FakeTimers
  sockets: FakeSocket[]
  calls: { name: string; args: unknown[] }[]
}

/** A gateway that answers with what a test gave; an unexpected call fails the test by its name. */
export function fakeGateway(answers: Partial<Endpoints>): FakeGateway {
  const calls: FakeGateway['calls'] = []
  const sockets: FakeSocket[] = []
  let ids = 0
  const api = new Proxy({} as Endpoints, {
    get: (_, name: string) => {
      return (...args: unknown[]) => {
        calls.push({ name, args })
        const answer = answers[name as keyof Endpoints] as ((...given: unknown[]) => unknown) | undefined
        if (!answer) throw new Error(`unexpected call of ${name}`)
        return Promise.resolve(answer(...args))
      }
    },
  })
  const gateway: FakeGateway = {
    api,
    http: { call: () => Promise.reject(new Error('not in this test')), address: (path) => path, setCsrf: () => undefined },
    clock: new ServerClock(),
    openSocket: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    timers: new FakeTimers(),
    newId: () => `client-${(ids += 1)}`,
    sockets,
    calls,
  }
  installGateway(gateway)
  return gateway
}

export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve()
  await nextTick()
}

export interface Mounted {
  app: App
  root: HTMLElement
  find<T extends HTMLElement = HTMLElement>(testid: string): T
  maybe(testid: string): HTMLElement | null
}

let last: Pinia | undefined

/** Stores as on a first visit, in Chinese; those of the test before are ended with what ticks in them. */
export function freshPinia(): Pinia {
  if (last) disposePinia(last)
  forgetDrafts()
  i18n.global.locale.value = 'zh-CN'
  localStorage.clear()
  localStorage.setItem('yizhan.locale', '"zh-CN"')
  sessionStorage.clear()
  const pinia = (last = createPinia())
  setActivePinia(pinia)
  return pinia
}

export function mount(component: Component, props: Record<string, unknown>, pinia: Pinia): Mounted {
  const root = document.createElement('div')
  document.body.replaceChildren(root)
  const page = { template: '<div />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/', component: page },
      { path: '/sign-in', name: 'signin', component: page },
      { path: '/inbox/:box?/:id?', name: 'inbox', component: page },
      { path: '/tickets', name: 'tickets', component: page },
      { path: '/search', name: 'search', component: page },
      { path: '/knowledge/:tab?/:item?', name: 'knowledge', component: page },
      { path: '/replies', name: 'replies', component: page },
    ],
  })
  const app = createApp(component, props).use(pinia).use(i18n).use(router)
  app.mount(root)
  // Test files share one page: what one leaves behind would tick on in the next.
  let standing = true
  app.onUnmount(() => (standing = false))
  onTestFinished(() => {
    if (standing) app.unmount()
  })
  const maybe = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`)
  return {
    app,
    root,
    maybe,
    find: <T extends HTMLElement>(testid: string) => {
      const element = maybe(testid)
      if (!element) throw new Error(`nothing with data-testid="${testid}"`)
      return element as T
    },
  }
}
