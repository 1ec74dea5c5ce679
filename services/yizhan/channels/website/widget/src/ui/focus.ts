const FOCUSABLE = 'button:not(:disabled),a[href],textarea,[tabindex="0"],audio,video';

/** Keeps Tab inside of an element that covers the page. */
export function trapTab(event: KeyboardEvent, box: HTMLElement): void {
  if (event.key !== 'Tab') return;
  const stops = [...box.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const [first, last] = [stops[0], stops[stops.length - 1]];
  const at = (box.getRootNode() as ShadowRoot).activeElement;
  const leaving = event.shiftKey ? at === first || at === box : at === last;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}
