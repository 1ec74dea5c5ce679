// @vitest-environment node
import { beforeEach, describe, expect, test } from 'vitest'
import { createHttp, type Http } from '@/api/http'
import { Problem } from '@/api/problem'

interface Seen {
  url: string
  init: RequestInit
}

let seen: Seen[]
let answer: () => Response | Promise<Response>
let unauthorized: number
let dates: Date[]
let http: Http

beforeEach(() => {
  seen = []
  unauthorized = 0
  dates = []
  answer = () => Response.json({})
  http = createHttp({
    base: '/api/v1/',
    fetch: async (url, init) => {
      seen.push({ url: String(url), init: init ?? {} })
      return answer()
    },
    onServerDate: (date) => dates.push(date),
    onUnauthorized: () => (unauthorized += 1),
  })
})

async function problemOf(call: Promise<unknown>): Promise<Problem> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Problem)) throw new Error(`expected a Problem, got ${String(error)}`)
  return error
}

const headers = (index: number) => seen[index]?.init.headers as Record<string, string>

describe('requests', () => {
  test('unsafe methods carry the CSRF token, reading does not need it', async () => {
    http.setCsrf('token-1')
    await http.call('GET', 'session')
    await http.call('POST', 'presence', { json: { state: 'online' } })
    expect(headers(0)['X-CSRF-Token']).toBeUndefined()
    expect(headers(1)['X-CSRF-Token']).toBe('token-1')
    expect(seen[1]?.init.body).toBe('{"state":"online"}')
  })

  test('empty query values are left out', async () => {
    await http.call('GET', 'conversations', { query: { box: 'all', search: '', cursor: null } })
    expect(seen[0]?.url).toBe('/api/v1/conversations?box=all')
  })

  test('an answer without a body is fine', async () => {
    answer = () => new Response(null, { status: 204 })
    await expect(http.call('POST', 'offers/1/decline')).resolves.toBeUndefined()
  })

  test("the gateway's time is passed on", async () => {
    answer = () => Response.json({}, { headers: { Date: 'Sun, 22 Nov 2026 09:00:00 GMT' } })
    await http.call('GET', 'session')
    expect(dates).toEqual([new Date('2026-11-22T09:00:00Z')])
  })
})

describe('problems', () => {
  test.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'missing'],
    [409, 'conflict'],
    [413, 'too_large'],
    [422, 'invalid'],
    [423, 'locked'],
    [429, 'limited'],
    [503, 'fault'],
  ] as const)('status %d is "%s"', async (status, kind) => {
    answer = () => Response.json({ code: 'some_code', title: 'T', status }, { status })
    const problem = await problemOf(http.call('GET', 'x'))
    expect(problem).toMatchObject({ kind, status, code: 'some_code' })
  })

  test('how long an account stays locked is passed on', async () => {
    answer = () => Response.json({ code: 'locked', retry_after: 90 }, { status: 423 })
    expect((await problemOf(http.call('POST', 'session'))).retryAfter).toBe(90)
  })

  test('the header says it where the body does not', async () => {
    answer = () => new Response('busy', { status: 429, headers: { 'Retry-After': '3' } })
    expect((await problemOf(http.call('GET', 'x'))).retryAfter).toBe(3)
  })

  test("a proxy's HTML page is a fault, not a crash", async () => {
    answer = () => new Response('<html>Bad gateway</html>', { status: 502 })
    expect(await problemOf(http.call('GET', 'x'))).toMatchObject({ kind: 'fault', status: 502, passing: true })
  })

  test('no gateway at all is "offline"', async () => {
    answer = () => Promise.reject(new TypeError('failed to fetch'))
    expect(await problemOf(http.call('GET', 'x'))).toMatchObject({ kind: 'offline', passing: true })
  })

  test('row problems of a refused import arrive', async () => {
    const problems = [{ row: 3, column: 'answer', reason_zh: '不能为空', reason_en: 'must not be empty' }]
    answer = () => Response.json({ code: 'import_rejected', problems }, { status: 422 })
    expect((await problemOf(http.call('POST', 'knowledge/import'))).problems).toEqual(problems)
  })

  test('an expired session leads to the sign-in page, a wrong password does not', async () => {
    answer = () => Response.json({ code: 'bad_credentials' }, { status: 401 })
    await problemOf(http.call('POST', 'session', { own401: true }))
    expect(unauthorized).toBe(0)
    await problemOf(http.call('GET', 'offers'))
    expect(unauthorized).toBe(1)
  })
})
