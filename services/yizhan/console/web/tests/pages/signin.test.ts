import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Pinia } from 'pinia'
import { Problem } from '@/api/problem'
import SignInPage from '@/pages/SignInPage.vue'
import { useSession } from '@/stores/session'
import { fakeGateway, freshPinia, mount, settle, type FakeGateway, type Mounted } from '../mount'

let pinia: Pinia
let page: Mounted
let gateway: FakeGateway
let answer: () => unknown

function fill(testid: string, value: string): void {
  const input = page.find<HTMLInputElement>(testid)
  input.value = value
  input.dispatchEvent(new Event('input'))
}

async function submit(username = 'lin', password = 'secret'): Promise<void> {
  fill('signin-username', username)
  fill('signin-password', password)
  await settle()
  page.root.querySelector('form')?.dispatchEvent(new Event('submit', { cancelable: true }))
  await settle()
}

const notice = () => page.maybe('signin-notice')?.textContent ?? ''

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-11-22T09:00:00Z') })
  pinia = freshPinia()
  gateway = fakeGateway({ signIn: () => answer() as never })
  page = mount(SignInPage, {}, pinia)
})
afterEach(() => {
  page.app.unmount()
  vi.useRealTimers()
})

describe('signing in', () => {
  test('with the right password', async () => {
    answer = () => ({ user: { id: 'u', username: 'lin', name: 'Lin', roles: ['agent'] }, csrf: 'c' })
    await submit()
    expect(useSession().me).toBe('u')
  })

  test('nothing is asked of the gateway before both fields are filled', async () => {
    await submit('lin', '')
    expect(gateway.calls).toEqual([])
  })

  test('a wrong password is named and the field emptied', async () => {
    answer = () => Promise.reject(new Problem('unauthorized', { code: 'bad_credentials' }))
    await submit()
    expect(notice()).toContain('账号或密码不正确')
    expect(page.find<HTMLInputElement>('signin-password').value).toBe('')
  })

  test('a locked account shows when it opens again, and opens', async () => {
    answer = () => Promise.reject(new Problem('locked', { retryAfter: 90 }))
    await submit()
    expect(notice()).toContain('1:30')
    expect(page.find<HTMLButtonElement>('signin-submit').disabled).toBe(true)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(notice()).toContain('0:30')
    await vi.advanceTimersByTimeAsync(31_000)
    expect(notice()).toContain('锁定已解除')
    expect(page.find<HTMLButtonElement>('signin-submit').disabled).toBe(false)
  })

  test('an unreachable server is not blamed on the password', async () => {
    answer = () => Promise.reject(new Problem('offline'))
    await submit()
    expect(notice()).toContain('连不上服务器')
  })
})
