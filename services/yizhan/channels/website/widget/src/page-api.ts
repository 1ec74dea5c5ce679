import type { Client } from './transport/client';
import type { Identity, Message, Page } from './transport/protocol';
import type { Store } from './view';

interface Events {
  /** How many messages wait to be read. */
  unread: number;
  /** A message of either side took its place in the transcript. */
  message: Message;
  /** The panel opened (true) or closed (false). */
  open: boolean;
}

/** What pages may call: `window.Yizhan`. */
export interface PageApi {
  open(): void;
  close(): void;
  toggle(): void;
  /** Says who the customer is: a JWT or HMAC that the business's own server made. */
  identify(identity: Identity): void;
  /** Forgets the customer in this browser. Call it when they sign out of the site. */
  reset(): void;
  /** For pages that change without loading. What is left out is taken from the document. */
  setPage(page?: Partial<Page>): void;
  /** Calls back on an event; returns the way to stop. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void;
  /** Runs now. Before the widget is loaded, an array in its place keeps what is pushed until then. */
  push(run: (api: PageApi) => void): void;
}

type Listeners = { [Name in keyof Events]: Set<(value: Events[Name]) => void> };

export function currentPage(): Page {
  return { url: location.href, title: document.title };
}

/** `news` is to be called for messages that arrive. */
export function pageApi(
  store: Store,
  client: Client,
  clearUploads: () => void,
): { api: PageApi; news: (messages: readonly Message[]) => void } {
  const listeners: Listeners = { unread: new Set(), message: new Set(), open: new Set() };
  const tell = <Name extends keyof Events>(name: Name, value: Events[Name]): void => {
    for (const listener of [...listeners[name]]) {
      try {
        listener(value);
      } catch (error) {
        setTimeout(() => {
          throw error; // the page's own error, reported as such, without harm to the chat
        });
      }
    }
  };
  store.subscribe((view, before) => {
    if (view.unread !== before.unread) tell('unread', view.unread);
    if (view.open !== before.open) tell('open', view.open);
  });
  const set = (open: boolean): void => {
    if (open) client.start();
    store.dispatch({ type: 'open', open });
  };
  const api: PageApi = {
    open: () => set(true),
    close: () => set(false),
    toggle: () => set(!store.view.open),
    identify: (identity) => client.identify(identity),
    reset: () => {
      clearUploads();
      client.reset();
      set(false);
    },
    setPage: (page) => client.setPage({ ...currentPage(), ...page }),
    on: (name, listener) => {
      listeners[name].add(listener);
      return () => void listeners[name].delete(listener);
    },
    push: (run) => run(api),
  };
  return { api, news: (messages) => messages.forEach((message) => tell('message', message)) };
}
