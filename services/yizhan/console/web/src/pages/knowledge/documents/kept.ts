/** What was being written when the session ended, until the person is back: for this page load, in memory only. */

export interface KeptText {
  text: string
  base: string
  revision: number
}

const kept = new Map<string, KeptText>()

export function keepText(name: string, work: KeptText): void {
  kept.set(name, work)
}

export function takeKeptText(name: string): KeptText | null {
  const found = kept.get(name) ?? null
  kept.delete(name)
  return found
}
