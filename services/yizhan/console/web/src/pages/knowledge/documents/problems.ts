/** What a build found wrong with a document, put to the lines that it names. Pure. */

import type { DocumentProblem, Report } from '@/api/types'

export interface LineProblem {
  /** From 1; 0: the document as a whole. */
  line: number
  text: string
}

const PLACED = /^(?:line|row) (\d+)(?:, ([^:]*))?: (.*)$/s

/** A finding's words may tell of several places: `line 3, rules[0]: is missing; line 9, …`. */
export function placed(detail: string): LineProblem[] {
  return detail
    .split(/; (?=(?:line|row) \d+[,:])/)
    .filter(Boolean)
    .map((part) => {
      const [, line, place, words] = PLACED.exec(part) ?? []
      if (line === undefined) return { line: 0, text: part }
      return { line: Number(line), text: place ? `${place}: ${words ?? ''}` : (words ?? '') }
    })
}

/** What saving was refused for, in the reader's language. */
export function refusedLines(problems: readonly DocumentProblem[], locale: string): LineProblem[] {
  return problems.map((one) => {
    const words = locale === 'en' ? one.reason_en : one.reason_zh
    return { line: one.line, text: one.place ? `${one.place}: ${words}` : words }
  })
}

/** The problems of one document; a test question that names what is not there counts where its line is. */
export function problemsOf(report: Report, name: string, text: string): LineProblem[] {
  const invalid = report.findings.filter((one) => one.kind === 'document_invalid' && one.where.includes(name)).flatMap((one) => placed(one.detail))
  if (name !== 'tests') return invalid
  const rows = text.split('\n')
  const unknown = report.findings.filter((one) => one.kind === 'unknown_target')
  return [
    ...invalid,
    ...unknown.map((one) => ({
      line: rows.findIndex((row) => row.includes(one.detail)) + 1,
      text: one.where.join(', '),
    })),
  ]
}
