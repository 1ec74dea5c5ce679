/** Words for what a build finds. A kind that the catalogue does not know is shown as it is. */

import type { Fall } from '@/api/types'
import type { Translate } from '@/i18n/words'

const findings = ['same_phrasing', 'different_answers', 'alike_phrasings', 'unknown_variable', 'unknown_target', 'document_invalid', 'expired', 'not_yet_valid'] as const
const unembedded = ['deadline', 'unreachable', 'connection_lost', 'key_refused', 'not_there', 'http_3xx', 'http_4xx', 'http_5xx', 'rate_limited', 'budget_spent', 'budget_late', 'budget_unknown'] as const
const falls = ['precision', 'coverage', 'question', 'validated', 'error'] as const

export function findingWords(kind: string, t: Translate): string {
  return findings.some((one) => one === kind) ? t(`knowledge.report.finding.${kind}`) : kind
}

/** An error's detail begins with the kind of the finding: `unknown_variable: order-status: …`. */
export function fallWords(fall: Fall, t: Translate): string {
  const kind = falls.find((one) => one === fall.kind) ?? 'other'
  const detail = kind === 'error' ? fall.detail.replace(/^\w+(?=: )/, (code) => findingWords(code, t)) : fall.detail
  return t(`knowledge.report.fall.${kind}`, { detail })
}

/** Why a release has no vectors. What the endpoint said instead of vectors is of no interest to an editor, but for its name. */
export function unembeddedWords(reason: string, t: Translate): string {
  const known = unembedded.find((one) => one === reason)
  return known ? t(`knowledge.vectors.why.${known}`) : t('knowledge.vectors.why.other', { reason })
}
