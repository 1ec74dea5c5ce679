/** Whether a press of Enter ends what one writes: not with Shift, and not while an input method composes Chinese. */

/** A press of Enter that ends a composition may arrive just after the composition's end (Safari). */
const COMPOSED_MS = 60

export function useCompositionEnter() {
  let composing = false
  let composedAt = -Infinity
  return {
    begun: () => {
      composing = true
    },
    ended: (event: CompositionEvent) => {
      composing = false
      composedAt = event.timeStamp
    },
    composing: () => composing,
    ends: (event: KeyboardEvent): boolean =>
      event.key === 'Enter' &&
      !event.shiftKey &&
      !(composing || event.isComposing || event.keyCode === 229 || event.timeStamp - composedAt < COMPOSED_MS),
  }
}
