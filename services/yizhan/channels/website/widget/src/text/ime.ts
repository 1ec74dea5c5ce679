/**
 * Whether a key press belongs to the input method: Enter then picks a candidate and must not send the message.
 * Chromium and Firefox say isComposing; Safari ends the composition first and leaves key code 229.
 */
export const isComposing = (event: { isComposing?: boolean; keyCode?: number; which?: number }): boolean =>
  event.isComposing === true || event.keyCode === 229 || event.which === 229;

export const sendsMessage = (event: KeyboardEvent): boolean =>
  event.key === 'Enter' && !event.shiftKey && !event.altKey && !isComposing(event);
