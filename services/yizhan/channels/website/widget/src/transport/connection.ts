import { type Api, Failure } from './api';
import { backoff } from './backoff';
import type { Environment } from './environment';
import { type End, endOf, type Link, type LinkKind, openLink } from './links';
import type { ClientFrame, ServerFrame } from './protocol';
import { Timers } from './timers';

/**
 * offline: not connected, trying again. refused: this server will not have us; trying again cannot help.
 * unidentified: the business only talks to customers who are signed in on its site.
 */
export type ConnectionState = 'idle' | 'connecting' | 'online' | 'offline' | 'refused' | 'unidentified';

/** What a connection needs from, and tells, the client above it. */
export interface Owner {
  /** Sees to a session. `current` says whether the answer is still wanted. Throws Failure. */
  prepare(current: () => boolean): Promise<void>;
  /** The last message held: the server continues after it. */
  cursor(): number;
  ready(frame: ServerFrame & { type: 'ready' }): void;
  frame(frame: ServerFrame): void;
  ended(end: End): void;
  changed(state: ConnectionState): void;
}

const OPEN_MS = 10_000;
const PONG_MS = 10_000;
const PROBE_MS = 5_000;
const STABLE_MS = 5_000;
const RATE_MS = 5_000;
const AT_ONCE_MS = 1_000;
const IDENTITY_REQUIRED = 'identity_required';

/**
 * Keeps one link to the server open: session first, then WebSocket, event stream or long poll, with growing waits
 * between failures, and a watchdog for links that died without saying so.
 */
export class Connection {
  state: ConnectionState = 'idle';
  ready = false;
  private link: Link | null = null;
  private kind: LinkKind = 'socket';
  private failures = 0; // openings of this kind of link that came to nothing
  private attempt = 0;
  private turn = 0; // what belongs to an earlier turn is ignored
  private readyAt = 0;
  private pingMs = 25_000;
  private askedToWait = 0; // seconds, said in a frame before the close
  private readonly timers: Timers<'retry' | 'open' | 'ping' | 'pong'>;

  constructor(
    private readonly api: Api,
    private readonly environment: Environment,
    private readonly owner: Owner,
  ) {
    this.timers = new Timers(environment);
  }

  /** Connects now, whatever was going on before. */
  async connect(): Promise<void> {
    const turn = this.clear();
    const current = (): boolean => turn === this.turn;
    if (this.state !== 'offline') this.show('connecting');
    try {
      await this.owner.prepare(current);
    } catch (failure) {
      if (!current()) return;
      if (!(failure instanceof Failure)) return this.down('lost');
      const { status, problem } = failure;
      if (problem.code === IDENTITY_REQUIRED) return this.down('identity');
      // A refused token was already exchanged for none; being refused again has another cause.
      return this.down(status === 401 ? 'lost' : endOf(status), problem.retry_after);
    }
    if (!current()) return;
    this.timers.set('open', OPEN_MS, () => this.down('lost'));
    try {
      this.link = openLink(this.kind, this.api, this.owner.cursor(), this.environment, {
        frame: (frame) => {
          if (current()) this.onFrame(frame);
        },
        ended: (end, retryAfter) => {
          if (current()) this.down(end, retryAfter);
        },
      });
    } catch {
      this.down('lost'); // the page's policy forbids this kind of connection
    }
  }

  /** Connects afresh without waiting, for a reason that has nothing to do with the network. */
  renew(): void {
    this.attempt = 0;
    this.owner.ended('restarting');
    void this.connect();
  }

  stop(): void {
    this.clear();
    this.show('idle');
  }

  /** False when there is nobody to send to. */
  send(frame: ClientFrame): boolean {
    if (!this.ready || !this.link) return false;
    this.link.send(frame);
    return true;
  }

  /** The network is back or the page is looked at again: connects at once, or asks a silent link for a sign of life. */
  wake(): void {
    if (this.ready) this.ping(PROBE_MS);
    else if (this.timers.has('retry')) this.renew();
  }

  /** The browser says that there is no network. The link may yet survive it. */
  offline(): void {
    if (this.ready) this.show('offline');
  }

  /** The connection is over. Decides what comes next. */
  down(end: End, retryAfter = this.askedToWait): void {
    const { environment, ready } = this;
    if (ready && environment.now() - this.readyAt >= STABLE_MS) this.attempt = 0;
    this.clear();
    const nextBest = this.chooseKind(ready, end);
    this.owner.ended(end);
    if (end === 'identity') return this.show('unidentified');
    if (end === 'origin' || end === 'account') return this.show('refused');
    // What is blocked stays blocked, and a server that says goodbye is back soon: no reason to let people wait.
    const atOnce = nextBest || (this.attempt === 0 && (end === 'restarting' || end === 'token'));
    if (!nextBest) this.attempt += 1;
    let wait = atOnce ? Math.round(environment.random() * AT_ONCE_MS) : backoff(this.attempt, environment.random);
    if (end === 'rate') wait = Math.max(wait, retryAfter * 1000, RATE_MS);
    this.show(atOnce && this.state !== 'offline' ? 'connecting' : 'offline');
    this.timers.set('retry', wait, () => void this.connect());
  }

  /**
   * WebSocket; where it fails twice to open, the event stream; where that fails, the long poll; then again.
   * True when there is a next best way to try.
   */
  private chooseKind(ready: boolean, end: End): boolean {
    if (ready) {
      // A fallback that broke is a chance to get back to the better way, which gets one try.
      this.failures = this.kind === 'socket' ? 0 : 1;
      this.kind = 'socket';
      return false;
    }
    if (!this.api.token || end !== 'lost' || !this.environment.online()) return false;
    this.failures += 1;
    if (this.kind === 'socket' && this.failures < 2) return false;
    this.kind = this.kind === 'socket' ? 'stream' : this.kind === 'stream' ? 'poll' : 'socket';
    this.failures = 0;
    return this.kind !== 'socket';
  }

  private onFrame(frame: ServerFrame): void {
    this.timers.clear('pong');
    if (frame.type === 'error') this.askedToWait = frame.problem.retry_after ?? 0;
    if (frame.type === 'ready') {
      this.timers.clear('open');
      this.ready = true;
      this.readyAt = this.environment.now();
      this.failures = 0;
      this.pingMs = (frame.ping_seconds ?? 25) * 1000;
      this.show('online');
      this.schedulePing();
      return this.owner.ready(frame);
    }
    if (this.ready && this.state === 'offline') this.show('online');
    this.owner.frame(frame);
  }

  private schedulePing(): void {
    this.timers.set('ping', this.pingMs, () => {
      this.ping(PONG_MS);
      this.schedulePing();
    });
  }

  private ping(patience: number): void {
    this.timers.set('pong', patience, () => this.down('lost'));
    this.send({ type: 'ping' });
  }

  private clear(): number {
    this.link?.close();
    this.link = null;
    this.ready = false;
    this.askedToWait = 0;
    this.timers.clearAll();
    this.turn += 1;
    return this.turn;
  }

  private show(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.owner.changed(state);
  }
}
