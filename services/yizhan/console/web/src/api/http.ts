/** The one place that calls `fetch`: CSRF header, deadlines, problem+json to `Problem`, 401 to the sign-in page. */

import { Problem, problemFrom } from './problem'

export type Query = Record<string, string | number | undefined | null>

export interface CallOptions {
  query?: Query
  json?: unknown
  form?: FormData
  timeoutMs?: number
  signal?: AbortSignal
  /** A 401 of this call is the caller's own business (signing in, asking whether a session exists). */
  own401?: boolean
}

export interface HttpOptions {
  /** With a slash at its end. */
  base: string
  fetch: typeof fetch
  /** Called with each answer's `Date` header, to know how far this computer's clock is off. */
  onServerDate?: (date: Date) => void
  onUnauthorized: () => void
}

export interface Http {
  call<T>(method: string, path: string, options?: CallOptions): Promise<T>
  /** Where a GET may be followed by the browser itself: a download. */
  address(path: string, query?: Query): string
  setCsrf(token: string): void
}

const DEADLINE_MS = 15_000

function address(base: string, path: string, query: Query | undefined): string {
  const pairs = Object.entries(query ?? {}).filter(
    (pair): pair is [string, string | number] => pair[1] !== undefined && pair[1] !== null && pair[1] !== '',
  )
  const search = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return `${base}${path}${search ? `?${search}` : ''}`
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function createHttp(options: HttpOptions): Http {
  let csrf = ''

  async function call<T>(method: string, path: string, request: CallOptions = {}): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json' }
    if (method !== 'GET' && csrf) headers['X-CSRF-Token'] = csrf
    if (request.json !== undefined) headers['Content-Type'] = 'application/json'
    const deadline = AbortSignal.timeout(request.timeoutMs ?? DEADLINE_MS)
    const body = request.form ?? (request.json === undefined ? undefined : JSON.stringify(request.json))

    let response: Response
    let answer: unknown
    try {
      response = await options.fetch(address(options.base, path, request.query), {
        method,
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: request.signal ? AbortSignal.any([request.signal, deadline]) : deadline,
        ...(body === undefined ? {} : { body }),
      })
      answer = await bodyOf(response)
    } catch (error) {
      if (request.signal?.aborted) throw error
      throw new Problem(deadline.aborted ? 'timeout' : 'offline')
    }

    const date = Date.parse(response.headers.get('Date') ?? '')
    if (!Number.isNaN(date)) options.onServerDate?.(new Date(date))
    if (response.ok) return answer as T
    const problem = problemFrom(response.status, answer, response.headers.get('Retry-After'))
    if (problem.kind === 'unauthorized' && !request.own401) options.onUnauthorized()
    throw problem
  }

  return {
    call,
    address: (path, query) => address(options.base, path, query),
    setCsrf: (token) => {
      csrf = token
    },
  }
}

/** One file, as uploads and imports take it. */
export function fileForm(file: File): FormData {
  const form = new FormData()
  form.append('file', file, file.name)
  return form
}
