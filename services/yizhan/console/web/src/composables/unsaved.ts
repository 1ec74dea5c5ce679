/** Nobody leaves a page with unsaved work by accident: neither within the console nor by closing the window. */

import { onScopeDispose } from 'vue'
import { useRouter } from 'vue-router'
import { confirm } from './confirm'
import { useWords } from './words'

/**
 * `dirty`: whether there is something to lose. `keep` puts it away where it is found again; it is called when the session
 * is over, for then nobody can be asked.
 */
export function useUnsaved(dirty: () => boolean, keep: () => void): { mayLeave: () => Promise<boolean> } {
  const { t } = useWords()
  let asking: Promise<boolean> | null = null

  function mayLeave(): Promise<boolean> {
    if (!dirty()) return Promise.resolve(true)
    asking ??= confirm({ title: t('knowledge.leaveTitle'), text: t('knowledge.leaveText'), ok: t('knowledge.leave'), danger: true }).finally(() => (asking = null))
    return asking
  }

  const off = useRouter().beforeEach((to) => {
    if (to.name !== 'signin') return mayLeave()
    if (dirty()) keep()
    return true
  })
  const closing = (event: BeforeUnloadEvent) => {
    if (dirty()) event.preventDefault()
  }
  window.addEventListener('beforeunload', closing)
  onScopeDispose(() => {
    off()
    window.removeEventListener('beforeunload', closing)
  })
  return { mayLeave }
}
