import { render } from 'preact';

import type { Desk } from './desk';
import styles from './panel.css?inline';
import { addStyles } from './styles';
import { Screen } from './ui/screen';

export const edition = __EDITION__;

/** Puts the panel beside the launcher. Called once. */
export function show(desk: Desk, root: ShadowRoot): void {
  addStyles(root, styles);
  const place = document.createElement('div');
  place.className = 'root';
  place.lang = desk.lang;
  root.prepend(place);
  render(<Screen desk={desk} />, place);
}
