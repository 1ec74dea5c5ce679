/** What a release's threshold and its test questions prove. Pure. */

import type { QuestionResult, Training } from '@/api/types'

/** The threshold that serves a promise of `TRIED.precision` where nothing less is proven: `unproven` in calibration.py. */
const TRIED = { threshold: 0.85, precision: 0.95 }
const EQUAL = 1e-6

const logit = (share: number): number => Math.log(share / (1 - share))

/**
 * Whether cross-validation fell short of the precision that the release promises.
 *
 * A report does not say what was promised, but a threshold that is not proven follows from it alone, by moving the odds.
 * A proven one is never higher than that, and its precision is what was promised or more: it never falls short here.
 */
export function fallsShort({ answer_threshold: threshold, precision }: Training): boolean {
  if (threshold <= 0 || threshold >= 1) return false
  const promised = 1 / (1 + Math.exp(-(logit(threshold) - logit(TRIED.threshold) + logit(TRIED.precision))))
  return precision < promised - EQUAL
}

/** Of the test questions that have an answer. `first`: the right target answers or is the first that is offered. */
export interface RightFirst {
  answerable: number
  answered: number
  asked: number
  first: number
}

/** `asked`: asked back with the right target first; `answered`: answered with it. */
export function rightFirst(results: readonly QuestionResult[], training: Training): RightFirst {
  const answerable = results.filter((one) => one.expected)
  const right = answerable.filter((one) => one.got === one.expected)
  const answered = right.filter((one) => one.outcome === 'right').length
  const asked = right.filter((one) => one.outcome === 'unanswered' && one.score >= training.clarify_threshold).length
  return { answerable: answerable.length, answered, asked, first: answered + asked }
}
