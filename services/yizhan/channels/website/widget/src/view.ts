import type { Update } from './transport/client';
import type { ConnectionState } from './transport/connection';
import type { Item } from './transport/outbox';
import type { Account, Agent, Author, Limits, Message, ServiceState } from './transport/protocol';
import { DEFAULT_LIMITS, type Upload } from './transport/uploads';

/** Everything that the screen shows. */
export interface View {
  open: boolean;
  connection: ConnectionState;
  account: Account | null;
  limits: Limits;
  messages: readonly Message[];
  pending: readonly Item[];
  uploads: readonly Upload[];
  older: boolean;
  loading: boolean;
  /** The transcript is complete up to now: what comes is news. */
  live: boolean;
  service: ServiceState;
  agent: Agent | null;
  typing: Author | null;
  readSeq: number;
  unread: number;
  /** The newest message that came while the panel was closed. */
  teaser: Message | null;
}

export type Action =
  Update | { type: 'open'; open: boolean } | { type: 'uploads'; items: readonly Upload[] } | { type: 'teaser_closed' };

export const INITIAL: View = {
  open: false,
  connection: 'idle',
  account: null,
  limits: DEFAULT_LIMITS,
  messages: [],
  pending: [],
  uploads: [],
  older: false,
  loading: false,
  live: false,
  service: 'bot',
  agent: null,
  typing: null,
  readSeq: 0,
  unread: 0,
  teaser: null,
};

/** Messages from people and the assistant count as unread; lines about what happened do not. */
export const isFromService = ({ author, content }: Message): boolean =>
  (author.kind === 'agent' || author.kind === 'bot') && content.type !== 'event';

function countUnread(view: View): View {
  const unread = view.messages.filter((message) => message.seq > view.readSeq && isFromService(message)).length;
  const teaser = view.teaser && view.teaser.seq > view.readSeq ? view.teaser : null;
  return { ...view, unread, teaser };
}

export function reduce(view: View, action: Action): View {
  switch (action.type) {
    case 'open':
      return { ...view, open: action.open, teaser: null };
    case 'connection':
      return { ...view, connection: action.connection, typing: action.connection === 'online' ? view.typing : null };
    case 'session':
      return { ...view, account: action.session.account, limits: { ...DEFAULT_LIMITS, ...action.session.limits } };
    case 'transcript':
      return countUnread({ ...view, messages: action.messages, older: action.older });
    case 'read':
      return countUnread({ ...view, readSeq: action.seq });
    case 'fresh': {
      const last = [...action.messages].reverse().find(isFromService);
      return last && !view.open ? { ...view, teaser: last } : view;
    }
    case 'pending':
      return { ...view, pending: action.items };
    case 'uploads':
      return { ...view, uploads: action.items };
    case 'service':
      return { ...view, service: action.state, agent: action.agent };
    case 'typing':
      return { ...view, typing: action.author };
    case 'loading':
      return { ...view, loading: action.loading };
    case 'caught_up':
      return { ...view, live: true };
    case 'teaser_closed':
      return { ...view, teaser: null };
    case 'identity_refused':
      return view;
  }
}

export interface Store {
  readonly view: View;
  dispatch(action: Action): void;
  subscribe(listener: (view: View, before: View) => void): () => void;
}

export function createStore(): Store {
  let view = INITIAL;
  const listeners = new Set<(view: View, before: View) => void>();
  return {
    get view() {
      return view;
    },
    dispatch(action) {
      const before = view;
      view = reduce(view, action);
      if (view !== before) for (const listener of [...listeners]) listener(view, before);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
