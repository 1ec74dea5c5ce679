/** The contract that was being written when the session ended, until the person is back: for this page load alone. */

export interface KeptContract {
  text: string
  base: string
  version: string
}

let kept: KeptContract | null = null

export function keepContract(work: KeptContract): void {
  kept = work
}

export function takeKeptContract(): KeptContract | null {
  const found = kept
  kept = null
  return found
}
