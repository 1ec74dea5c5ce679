/** The page's shortcuts, by key. Before the shell's own: `?` shows this page's. */

import { onBeforeUnmount, onMounted } from 'vue'
import { plainKey } from '@/composables/keys'

export function useTicketKeys(actions: Record<string, () => void>): void {
  function key(event: KeyboardEvent): void {
    if (!plainKey(event)) return
    const run = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined
    if (!run) return
    event.preventDefault()
    run()
  }
  onMounted(() => window.addEventListener('keydown', key, { capture: true }))
  onBeforeUnmount(() => window.removeEventListener('keydown', key, { capture: true }))
}
