/** Which files an import takes. The gateway decides in the end; this spares an upload that would be refused. */

export const MOST_BYTES = 30_000_000
export const FORMATS = ['csv', 'xlsx', 'jsonl', 'md'] as const
export type Format = (typeof FORMATS)[number]
export const ACCEPTED = [...FORMATS, 'markdown'].map((ending) => `.${ending}`).join(',')

export function refusalOf(file: { name: string; size: number }): 'wrongType' | 'tooBig' | null {
  if (!/\.(csv|xlsx|jsonl|md|markdown)$/i.test(file.name)) return 'wrongType'
  return file.size > MOST_BYTES ? 'tooBig' : null
}
