import type { Api } from './api';
import { backoff } from './backoff';
import { Connection, type ConnectionState } from './connection';
import type { Environment } from './environment';
import type { Keeper } from './keeper';
import type { End } from './links';
import { type Item, Outbox } from './outbox';
import type {
  Agent,
  Author,
  Identity,
  Message,
  Outgoing,
  Page,
  Problem,
  ServerFrame,
  ServiceState,
  Session,
} from './protocol';
import { Receipts } from './receipts';
import { Sequence } from './sequence';
import { Timers } from './timers';
import { Visitor } from './visitor';

/** What the client tells the page. */
export type Update =
  | { type: 'connection'; connection: ConnectionState }
  | { type: 'session'; session: Session }
  | { type: 'transcript'; messages: readonly Message[]; older: boolean }
  | { type: 'fresh'; messages: readonly Message[] }
  | { type: 'pending'; items: readonly Item[] }
  | { type: 'service'; state: ServiceState; agent: Agent | null }
  | { type: 'typing'; author: Author | null }
  | { type: 'read'; seq: number }
  | { type: 'loading'; loading: boolean }
  | { type: 'caught_up' }
  | { type: 'identity_refused' };

export interface Options {
  locale: string;
  page: Page;
  identity: Identity | null;
}

/** Messages fetched at first; older ones come as the customer scrolls up. */
export const RECENT = 40;
const OLDER = 30;
const ACK_MS = 12_000;
const GAP_MS = 3_000;
const GAP_TRIES = 3;
const PLACE_MS = 5_000;
const PLACE_TRIES = 3;
const TYPING_EVERY_MS = 3_000;
const TYPING_SHOWN_MS = 6_000;
const RESET = 'reset';

/**
 * The customer's side of one conversation: the transcript in order, the messages on their way, what was read.
 * No browser in here: everything comes by `Environment` and leaves by `tell`.
 */
export class Client {
  readonly outbox: Outbox;
  private readonly visitor: Visitor;
  private readonly connection: Connection;
  private readonly receipts: Receipts;
  private readonly timers: Timers<'ack' | 'later' | 'gap' | 'place' | 'typing'>;
  private sequence = new Sequence();
  private session: Session | null = null;
  private shown: string | null = null; // whose transcript this tab holds
  private inFlight: string | null = null;
  private gapTries = 0;
  private placeTries = 0;
  private baseline = 0; // what was there before this page is not news
  private typedAt = 0;
  private loading = false;
  private head = 0;
  private caughtUp = false;

  constructor(
    private readonly api: Api,
    private readonly environment: Environment,
    private readonly keeper: Keeper,
    { locale, page, identity }: Options,
    private readonly tell: (update: Update) => void,
  ) {
    const refused = (): void => tell({ type: 'identity_refused' });
    this.timers = new Timers(environment);
    this.outbox = new Outbox(keeper, (items) => tell({ type: 'pending', items }));
    this.receipts = new Receipts(
      environment,
      keeper,
      () => this.sequence,
      (frame) => this.connection.send(frame),
      (seq) => tell({ type: 'read', seq }),
    );
    this.visitor = new Visitor(api, environment, keeper, locale, page, identity, refused);
    this.connection = new Connection(api, environment, {
      prepare: (current) => this.prepare(current),
      cursor: () => this.sequence.top,
      ready: (frame) => this.onReady(frame),
      frame: (frame) => this.onFrame(frame),
      ended: (end) => this.onEnded(end),
      changed: (connection) => {
        tell({ type: 'connection', connection });
        this.pump();
      },
    });
  }

  /** Whether this browser has talked to this account before. */
  get known(): boolean {
    return this.visitor.ticket !== null;
  }

  get idle(): boolean {
    return this.connection.state === 'idle';
  }

  start(): void {
    if (!this.idle) return;
    this.receipts.load();
    this.outbox.load(this.environment.now());
    void this.connection.connect();
  }

  stop(): void {
    this.timers.clearAll();
    this.receipts.stop();
    this.inFlight = null;
    this.connection.stop();
  }

  /** Puts a message on its way; it is sent now or as soon as there is a connection. Returns its client id. */
  send(content: Outgoing, client_id = this.environment.newId()): string {
    this.start();
    this.outbox.add(client_id, content, this.environment.now());
    this.pump();
    return client_id;
  }

  retry(client_id: string): void {
    this.outbox.retry(client_id, this.environment.now());
    this.pump();
  }

  discard(client_id: string): void {
    this.outbox.remove(client_id);
    this.pump();
  }

  /** The customer is writing. */
  typing(): void {
    const now = this.environment.now();
    if (now - this.typedAt < TYPING_EVERY_MS) return;
    if (this.connection.send({ type: 'typing' })) this.typedAt = now;
  }

  /** The customer has seen everything up to here. */
  read(seq: number): void {
    this.receipts.read(seq);
  }

  async older(): Promise<void> {
    if (this.loading || !this.session || this.sequence.floor === 0) return;
    const { sequence } = this;
    this.setLoading(true);
    try {
      const { messages } = await this.api.messages({ before: sequence.floor + 1, limit: OLDER });
      if (sequence !== this.sequence) return;
      sequence.prepend(messages);
      this.showTranscript();
    } catch {
      // Scrolling up again asks again.
    } finally {
      this.setLoading(false);
    }
  }

  /** Fetches a message again, for fresh addresses of its files: they expire after a day. */
  async refresh(seq: number): Promise<void> {
    const { sequence } = this;
    const slice = await this.api.messages({ after: seq - 1, limit: 1 }).catch(() => null);
    if (!slice || sequence !== this.sequence) return;
    for (const message of slice.messages) if (message.seq === seq) sequence.add(message);
    this.showTranscript();
  }

  /** The network is back, or the page is looked at again: timers slept with the machine, so nothing is sure. */
  wake(): void {
    this.connection.wake();
    this.resync();
  }

  offline(): void {
    this.connection.offline();
  }

  identify(identity: Identity): void {
    this.visitor.identity = identity;
    if (!this.idle) this.reopen();
  }

  setPage(page: Page): void {
    this.visitor.page = page;
    // Only tells the server; the next session carries the page anyway.
    if (this.session) void this.visitor.open().catch(() => undefined);
  }

  /** Forgets the customer: token, transcript and unsent messages. For signing out on a shared machine. */
  reset(): void {
    this.visitor.forgetToken();
    this.forgetEverything();
    this.keeper.write(RESET, '1'); // tells the other tabs
    this.keeper.write(RESET, null);
  }

  /** Another tab changed what is remembered. */
  changedElsewhere(key: string, value: string | null): void {
    if (key === 'read') this.receipts.readElsewhere(Number(value ?? 0));
    else if (key === 'token') this.tokenChanged();
    else if (key === RESET) {
      if (value !== null) this.forgetEverything();
    } else if (!this.idle) {
      this.outbox.mirror(key, value, this.environment.now());
      this.pump();
    }
  }

  // ---- session

  private async prepare(current: () => boolean): Promise<void> {
    if (this.session) return;
    const session = await this.visitor.open();
    if (!current()) return;
    const before = this.shown ?? this.visitor.owner;
    if (before !== null && before !== session.visitor_id) this.forget(before.startsWith('v:'));
    this.shown = this.visitor.owner = session.visitor_id;
    if (this.sequence.top === 0) this.rebase(session.head);
    this.session = session;
    this.api.token = session.token;
    this.tell({ type: 'session', session });
    this.showTranscript();
  }

  private reopen(): void {
    this.session = null;
    this.connection.renew();
  }

  private tokenChanged(): void {
    const ticket = this.visitor.ticket;
    if (!ticket) return; // refused in another tab, which is getting a new one
    if (this.idle) this.start();
    else if (this.session?.visitor_id === ticket.visitor) this.api.token = ticket.token;
    else if (this.session) this.reopen();
  }

  /** Another customer, or none: nothing of the former one may be shown or sent, except what an anonymous one wrote
   * just before signing in. */
  private forget(keepOutbox: boolean): void {
    if (!keepOutbox) this.outbox.clear();
    this.session = null;
    this.sequence = new Sequence();
    this.shown = this.visitor.owner = null;
    this.receipts.forget();
    this.baseline = 0;
    this.tell({ type: 'service', state: 'bot', agent: null });
    this.showTranscript();
  }

  private forgetEverything(): void {
    this.stop();
    this.visitor.identity = null;
    this.api.token = '';
    this.forget(false);
  }

  private rebase(head: number): void {
    this.sequence = new Sequence(Math.max(0, head - RECENT));
    this.baseline = head;
  }

  // ---- frames

  private onReady(frame: ServerFrame & { type: 'ready' }): void {
    this.gapTries = this.placeTries = 0;
    if (this.sequence.list().length === 0) this.baseline = Math.max(this.baseline, frame.head);
    if (frame.state) this.tell({ type: 'service', state: frame.state, agent: frame.agent ?? null });
    if (frame.head < this.sequence.top) {
      // The server's history is shorter than ours: it was restored from a backup, and it is the one that counts.
      this.rebase(frame.head);
      this.showTranscript();
      this.resync();
    }
    this.head = frame.head;
    this.noteCaughtUp();
    this.receipts.schedule();
    this.awaitPlace();
    this.pump();
  }

  private onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'accepted':
        this.outbox.accept(frame.client_id);
        this.placeTries = 0;
        this.awaitPlace();
        return this.landed(frame.client_id);
      case 'refused':
        return this.onRefused(frame.client_id, frame.problem);
      case 'message':
        return this.onMessage(frame.message);
      case 'state':
        return this.tell({ type: 'service', state: frame.state, agent: frame.agent });
      case 'typing':
        return this.showTyping(frame.author);
      default:
        return; // pong, receipts (shown as sent anyway), and what newer servers say
    }
  }

  private onMessage(message: Message): void {
    const released = this.sequence.add(message);
    const known = message.seq <= this.sequence.top;
    for (const placed of known ? [message, ...released] : released) {
      if (!placed.client_id) continue;
      this.outbox.remove(placed.client_id);
      this.landed(placed.client_id);
    }
    if (known) this.showTranscript();
    if (this.sequence.gap) this.fillGap();
    else this.gapDone();
    if (released.some((one) => one.author.kind !== 'customer')) this.showTyping(null);
    if (released.length) this.receipts.schedule();
    const fresh = released.filter((one) => one.seq > this.baseline);
    if (fresh.length) this.tell({ type: 'fresh', messages: fresh });
    this.noteCaughtUp();
  }

  private onRefused(client_id: string, { code, retry, retry_after }: Problem): void {
    const { environment, outbox } = this;
    const attempts = outbox.list().find((item) => item.client_id === client_id)?.attempts ?? 0;
    const wait = retry_after ? retry_after * 1000 : backoff(attempts + 1, environment.random);
    if (retry) outbox.postpone(client_id, environment.now() + wait, code);
    else outbox.fail(client_id, code);
    this.landed(client_id);
  }

  private onEnded(end: End): void {
    const { inFlight } = this;
    this.inFlight = null;
    this.timers.clear('ack', 'later', 'gap', 'place');
    this.receipts.stop();
    if (inFlight && end === 'too_big') this.outbox.fail(inFlight, 'too_long');
    if (inFlight && end === 'bad_frame') this.outbox.postpone(inFlight, 0, 'refused');
    if (end === 'token') {
      this.session = null;
      this.visitor.tokenRefused();
    }
  }

  /** From here on a message is something that happens, not something that was there. */
  private noteCaughtUp(): void {
    if (this.caughtUp || this.sequence.top < this.head) return;
    this.caughtUp = true;
    this.tell({ type: 'caught_up' });
  }

  private showTyping(author: Author | null): void {
    this.timers.clear('typing');
    if (author) this.timers.set('typing', TYPING_SHOWN_MS, () => this.tell({ type: 'typing', author: null }));
    this.tell({ type: 'typing', author });
  }

  /** Asks for what is missing; after several tries in vain, a new connection asks from the cursor. */
  private fillGap(): void {
    if (this.timers.has('gap')) return;
    if (this.gapTries >= GAP_TRIES) return this.connection.down('lost');
    this.gapTries += 1;
    this.resync();
    this.timers.set('gap', GAP_MS, () => this.fillGap());
  }

  private gapDone(): void {
    this.gapTries = 0;
    this.timers.clear('gap');
  }

  /** An accepted message must show up in the transcript; if the hint that says so was lost, ask. */
  private awaitPlace(): void {
    const waiting = (): boolean => this.outbox.list().some((item) => item.state === 'accepted');
    if (!waiting() || this.placeTries >= PLACE_TRIES) return;
    this.timers.set('place', PLACE_MS, () => {
      if (!waiting()) return;
      this.placeTries += 1;
      this.resync();
      this.awaitPlace();
    });
  }

  private resync(): void {
    this.connection.send({ type: 'resync', after: this.sequence.top });
  }

  // ---- sending

  /** Sends the first waiting message. One at a time: only so does a refused one keep its place in the order. */
  private pump(): void {
    const { connection, environment, outbox, timers } = this;
    if (connection.state === 'refused') return this.giveUp();
    if (!connection.ready || this.inFlight) return;
    const next = outbox.next(environment.now());
    if (next === null) return;
    if (typeof next === 'number') return timers.set('later', next - environment.now(), () => this.pump());
    this.inFlight = next.client_id;
    timers.set('ack', ACK_MS, () => {
      outbox.postpone(next.client_id, 0, 'timeout');
      connection.down('lost');
    });
    connection.send({ type: 'send', client_id: next.client_id, content: next.content });
  }

  /** Nobody will ever take what waits: say so. */
  private giveUp(): void {
    for (const item of this.outbox.list())
      if (item.state === 'waiting') this.outbox.fail(item.client_id, 'unavailable');
  }

  private landed(client_id: string): void {
    if (this.inFlight !== client_id) return;
    this.inFlight = null;
    this.timers.clear('ack');
    this.pump();
  }

  private setLoading(loading: boolean): void {
    this.loading = loading;
    this.tell({ type: 'loading', loading });
  }

  private showTranscript(): void {
    this.tell({ type: 'transcript', messages: this.sequence.list(), older: this.sequence.floor > 0 });
  }
}
