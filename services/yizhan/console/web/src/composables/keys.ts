/** Whether a key press is a shortcut: not while typing, not while a dialog is open, not with a modifier, not in an IME. */
export function plainKey(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return false
  return !typingIn(event.target) && !dialogOpen()
}

export function typingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

export function dialogOpen(): boolean {
  const overlays = [...document.querySelectorAll<HTMLElement>('.el-overlay:not(.dialog-fade-leave-active)')]
  return overlays.some((overlay) => overlay.style.display !== 'none')
}
