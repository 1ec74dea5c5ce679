import type { Keeper } from './keeper';
import { isOutgoing, type Outgoing } from './protocol';

/** A message of this customer that has no place in the transcript yet. */
export interface Item {
  client_id: string;
  content: Outgoing;
  /** When it was written; also the order of sending. */
  at: number;
  /** waiting: goes out as soon as it can. accepted: the server has it durably. failed: a person decides. */
  state: 'waiting' | 'accepted' | 'failed';
  reason: string;
  attempts: number;
  notBefore: number;
  /** Written in another tab, which is expected to send it. */
  foreign: boolean;
}

const PREFIX = 'out:';

/** Older leftovers are not sent unasked: nobody expects last week's question to go out when opening a page. */
export const STALE_MS = 3_600_000;
/** A tab that is alive has sent its message by then; after that another tab does. */
export const ADOPT_MS = 20_000;
export const MAX_ATTEMPTS = 6;

/**
 * Messages on their way, one entry each in storage, so that tabs never overwrite each other's.
 * Sending one twice is harmless: the client id makes it one message.
 */
export class Outbox {
  private items: Item[] = [];
  private last = 0;

  constructor(
    private readonly keeper: Keeper,
    private readonly changed: (items: readonly Item[]) => void,
  ) {}

  /** Takes over what an earlier page left. */
  load(now: number): void {
    for (const key of this.keeper.keys(PREFIX)) {
      const item = revive(key.slice(PREFIX.length), this.keeper.read(key));
      if (!item || this.find(item.client_id)) continue;
      if (item.state === 'waiting' && now - item.at > STALE_MS)
        this.place({ ...item, state: 'failed', reason: 'stale' });
      else this.place(item);
    }
    this.tell();
  }

  list(): readonly Item[] {
    return this.items;
  }

  add(client_id: string, content: Outgoing, now: number): void {
    const item: Item = {
      client_id,
      content,
      at: this.stamp(now),
      state: 'waiting',
      reason: '',
      attempts: 0,
      notBefore: 0,
      foreign: false,
    };
    this.place(item);
    this.save(item);
    this.tell();
  }

  /** The message to send now, or when to look again, or null if nothing waits. Own messages never overtake. */
  next(now: number): Item | number | null {
    let later: number | null = null;
    for (const item of this.items) {
      if (item.state !== 'waiting') continue;
      if (item.notBefore <= now) return item;
      if (later === null || item.notBefore < later) later = item.notBefore;
      if (!item.foreign) return later;
    }
    return later;
  }

  /** Counts an attempt that came to nothing; false when that was one too many and the message has failed. */
  postpone(client_id: string, notBefore: number, reason: string): boolean {
    const item = this.find(client_id);
    if (!item) return true;
    if (item.attempts + 1 >= MAX_ATTEMPTS) {
      this.fail(client_id, reason);
      return false;
    }
    this.change(client_id, { attempts: item.attempts + 1, notBefore, foreign: false });
    return true;
  }

  accept(client_id: string): void {
    this.keeper.write(PREFIX + client_id, null);
    this.change(client_id, { state: 'accepted' });
  }

  fail(client_id: string, reason: string): void {
    this.change(client_id, { state: 'failed', reason });
    const item = this.find(client_id);
    if (item) this.save(item);
  }

  /** Sends a failed message again, at the end of the queue, still under its id: if it had arrived, it stays one. */
  retry(client_id: string, now: number): void {
    const item = this.find(client_id);
    if (!item || item.state !== 'failed') return;
    const again: Item = { ...item, state: 'waiting', reason: '', attempts: 0, notBefore: 0, at: this.stamp(now) };
    this.place(again);
    this.save(again);
    this.tell();
  }

  /** Forgets a message: it is in the transcript now, or the person dropped it. */
  remove(client_id: string): void {
    this.keeper.write(PREFIX + client_id, null);
    if (!this.find(client_id)) return;
    this.items = this.items.filter((item) => item.client_id !== client_id);
    this.tell();
  }

  clear(): void {
    for (const item of [...this.items]) this.remove(item.client_id);
    for (const key of this.keeper.keys(PREFIX)) this.keeper.write(key, null);
  }

  /** Another tab wrote, finished or dropped a message. */
  mirror(key: string, value: string | null, now: number): void {
    if (!key.startsWith(PREFIX)) return;
    const client_id = key.slice(PREFIX.length);
    const held = this.find(client_id);
    if (value === null) {
      if (held?.state === 'failed') this.remove(client_id);
      else if (held) this.change(client_id, { state: 'accepted' });
      return;
    }
    const item = revive(client_id, value);
    if (!item || held?.state === 'accepted' || (held && !held.foreign && held.state === item.state)) return;
    this.place({ ...item, foreign: true, notBefore: now + ADOPT_MS });
    this.tell();
  }

  private find(client_id: string): Item | undefined {
    return this.items.find((item) => item.client_id === client_id);
  }

  private stamp(now: number): number {
    this.last = Math.max(now, this.last + 1);
    return this.last;
  }

  private place(item: Item): void {
    this.last = Math.max(this.last, item.at);
    const others = this.items.filter((other) => other.client_id !== item.client_id);
    this.items = [...others, item].sort((a, b) => a.at - b.at || (a.client_id < b.client_id ? -1 : 1));
  }

  private change(client_id: string, change: Partial<Item>): void {
    this.items = this.items.map((item) => (item.client_id === client_id ? { ...item, ...change } : item));
    this.tell();
  }

  private save({ client_id, content, at, state, reason }: Item): void {
    this.keeper.write(PREFIX + client_id, JSON.stringify({ content, at, state, reason }));
  }

  private tell(): void {
    this.changed(this.items);
  }
}

function revive(client_id: string, value: string | null): Item | null {
  try {
    const kept = JSON.parse(value ?? 'null') as Partial<Item> | null;
    if (!kept || !isOutgoing(kept.content) || typeof kept.at !== 'number') return null;
    const failed = kept.state === 'failed';
    return {
      client_id,
      content: kept.content,
      at: kept.at,
      state: failed ? 'failed' : 'waiting',
      reason: failed ? (kept.reason ?? '') : '',
      attempts: 0,
      notBefore: 0,
      foreign: false,
    };
  } catch {
    return null;
  }
}
