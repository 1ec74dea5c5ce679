import type { Words } from './text/i18n';
import { initials } from './text/initials';
import { preview } from './text/preview';
import type { Message } from './transport/protocol';
import type { Store, View } from './view';

const SVG = 'http://www.w3.org/2000/svg';

/** The element with these classes and parts. Plain DOM: a page that nobody chats on should not pay for more. */
function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  ...parts: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  made.append(...parts);
  return made;
}

function icon(className: string, path: string): Element {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

const CHAT =
  'M12 3.2c-5.1 0-9.2 3.5-9.2 7.9 0 2.4 1.3 4.6 3.3 6.1l-.5 2.6c-.1.6.5 1.1 1.1.8l3-1.6c.7.1 1.5.2 2.3.2 5.1 0 9.2-3.5 9.2-8.1 0-4.4-4.1-7.9-9.2-7.9Z';
const DOWN = 'M6 9.5l6 6 6-6';
const CLOSE = 'M6.5 6.5l11 11M17.5 6.5l-11 11';

function button(className: string, pressed: () => void): HTMLButtonElement {
  const made = element('button', className);
  made.type = 'button';
  made.onclick = pressed;
  return made;
}

/** The round button at the corner, its count of unread messages, and the newest of them beside it. */
export class Launcher {
  private readonly button: HTMLButtonElement;
  private readonly badge = element('span', 'badge');
  private note: HTMLElement | null = null;

  constructor(
    private readonly box: HTMLElement,
    private readonly store: Store,
    private readonly words: Words,
    private readonly open: (open: boolean) => void,
  ) {
    this.button = button('launcher', () => open(!store.view.open));
    this.button.setAttribute('aria-haspopup', 'dialog');
    this.button.append(icon('chat', CHAT), icon('down', DOWN));
    box.append(this.button);
    this.paint(store.view, null);
    store.subscribe((view, before) => this.paint(view, before));
  }

  /** Runs when a press is near, to have ready what it needs. */
  onApproach(run: () => void): void {
    for (const event of ['pointerenter', 'focus', 'touchstart']) {
      this.button.addEventListener(event, run, { once: true, passive: true });
    }
  }

  focus(): void {
    this.button.focus();
  }

  busy(busy: boolean): void {
    this.button.toggleAttribute('data-busy', busy);
    this.button.setAttribute('aria-busy', String(busy));
  }

  /** Says that the panel could not be loaded. */
  failed(): void {
    this.show(element('p', 'teaser-note', this.words.notLoaded), () => this.show(null));
  }

  private paint(view: View, before: View | null): void {
    const { words } = this;
    const { open, unread, teaser } = view;
    const label = open ? words.close : unread ? words.launchUnread(unread) : words.launch;
    this.button.setAttribute('aria-label', label);
    this.button.setAttribute('aria-expanded', String(open));
    this.badge.textContent = unread > 99 ? '99+' : String(unread);
    if (!open && unread > 0) this.button.append(this.badge);
    else this.badge.remove();
    if (teaser !== (before?.teaser ?? null)) this.tease(teaser);
    else if (open && !before?.open) this.show(null);
  }

  private tease(message: Message | null): void {
    if (!message) return this.show(null);
    const { words } = this;
    const name = message.author.name || words.bot;
    const text = button('teaser-text', () => this.open(true));
    const face = element('span', 'face', initials(name));
    face.ariaHidden = 'true';
    text.append(
      face,
      element('span', '', element('b', '', name), element('span', 'clamp', preview(words, message.content))),
    );
    this.show(text, () => this.store.dispatch({ type: 'teaser_closed' }));
  }

  private show(content: HTMLElement | null, close: () => void = () => undefined): void {
    this.note?.remove();
    this.note = null;
    if (!content) return;
    const dismiss = button('teaser-close', close);
    dismiss.setAttribute('aria-label', this.words.dismiss);
    dismiss.append(icon('', CLOSE));
    this.note = element('div', 'teaser', content, dismiss);
    this.note.setAttribute('role', 'status');
    this.box.prepend(this.note);
  }
}
