/** Everything that can go wrong with a request, as a closed set of kinds. The words are chosen by `explain` in the i18n layer. */

import type { DocumentProblem, Fall, RowProblem } from './types'

export type ProblemKind =
  | 'offline' // the gateway could not be reached; the outcome of an unsafe request is not known
  | 'timeout' // no answer in time; likewise unknown
  | 'unauthorized'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'locked'
  | 'too_large'
  | 'invalid'
  | 'limited'
  | 'fault' // the gateway answered 5xx or something that is not ours

export interface ProblemFields {
  status: number
  code: string
  title: string
  detail: string
  /** Seconds to wait before trying again, where the gateway said so. */
  retryAfter: number | null
  problems: RowProblem[]
  /** What is wrong with a document, and how much more there is than is told. */
  lines: DocumentProblem[]
  count: number
  /** Why a release is not published by itself. */
  falls: Fall[]
}

export class Problem extends Error {
  readonly kind: ProblemKind
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly retryAfter: number | null
  readonly problems: RowProblem[]
  readonly lines: DocumentProblem[]
  readonly count: number
  readonly falls: Fall[]

  constructor(kind: ProblemKind, fields: Partial<ProblemFields> = {}) {
    super(fields.detail || fields.title || fields.code || kind)
    this.name = 'Problem'
    this.kind = kind
    this.status = fields.status ?? 0
    this.code = fields.code ?? ''
    this.title = fields.title ?? ''
    this.detail = fields.detail ?? ''
    this.retryAfter = fields.retryAfter ?? null
    this.problems = fields.problems ?? []
    this.lines = fields.lines ?? []
    this.count = fields.count ?? this.lines.length
    this.falls = fields.falls ?? []
  }

  /** Whether trying the very same request again may help without anybody changing anything. */
  get passing(): boolean {
    return this.kind === 'offline' || this.kind === 'timeout' || this.kind === 'fault' || this.kind === 'limited'
  }
}

const kindByStatus: Record<number, ProblemKind> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'missing',
  409: 'conflict',
  413: 'too_large',
  423: 'locked',
  429: 'limited',
}

function kindOf(status: number): ProblemKind {
  return kindByStatus[status] ?? (status >= 500 ? 'fault' : 'invalid')
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function seconds(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : null
}

const byLine = new Set(['document_invalid', 'contract_invalid', 'overrides_invalid'])

/** Of a file the problems are told by row and column, of a document by line and place. */
function listed(code: string, problems: unknown, count: unknown): Partial<ProblemFields> {
  if (!Array.isArray(problems)) return {}
  if (!byLine.has(code)) return { problems: problems as RowProblem[] }
  return { lines: problems as DocumentProblem[], count: typeof count === 'number' ? count : problems.length }
}

/** The error in a response that is not a success; the body may be missing or not JSON (a proxy's page). */
export function problemFrom(status: number, body: unknown, retryAfterHeader: string | null): Problem {
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {}
  return new Problem(kindOf(status), {
    status,
    code: text(fields['code']),
    title: text(fields['title']),
    detail: text(fields['detail']),
    retryAfter: seconds(fields['retry_after']) ?? seconds(retryAfterHeader),
    ...listed(text(fields['code']), fields['problems'], fields['count']),
    falls: Array.isArray(fields['falls']) ? (fields['falls'] as Fall[]) : [],
  })
}
