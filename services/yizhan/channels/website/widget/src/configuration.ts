import type { Identity } from './transport/protocol';

/** What the embedding page says, by attributes of the script element. */
export interface Configuration {
  account: string;
  /** The gateway, with a slash at its end. */
  base: string;
  lang: string;
  position: 'left' | 'right';
  theme: 'light' | 'dark' | 'auto';
  color: string;
  title: string;
  identity: Identity | null;
}

export class NotConfigured extends Error {}

/** The running script; a loader that inserts scripts leaves no current one, so the page is searched. */
export function ownScript(): HTMLScriptElement | null {
  const current = document.currentScript;
  if (current instanceof HTMLScriptElement && current.dataset['account']) return current;
  return document.querySelector<HTMLScriptElement>('script[data-account][src*="widget.js"]');
}

/** Raises NotConfigured in words for the developer who reads the console. */
export function readConfiguration(script: HTMLScriptElement | null): Configuration {
  const data = script?.dataset;
  if (!script || !data?.['account']) throw new NotConfigured('the script element needs a data-account attribute');
  return {
    account: data['account'],
    base: new URL('.', script.src).href,
    lang: data['lang'] ?? '',
    position: data['position'] === 'left' ? 'left' : 'right',
    theme: data['theme'] === 'dark' || data['theme'] === 'auto' ? data['theme'] : 'light',
    color: data['color'] ?? '',
    title: data['title'] ?? '',
    identity: data['identity'] ? { jwt: data['identity'] } : null,
  };
}
