import type { Message } from './protocol';

/**
 * The transcript in the server's order: every message once, without holes.
 *
 * Everything in (floor, top] is held. What arrives beyond a hole waits until the hole is filled, so that a person
 * never sees an answer before its question.
 */
export class Sequence {
  floor: number;
  top: number;
  private messages: Message[] = [];
  private waiting = new Map<number, Message>();

  constructor(after = 0) {
    this.floor = this.top = after;
  }

  /** Takes one message; returns those that became visible by it, in order. */
  add(message: Message): Message[] {
    if (message.seq <= this.top) {
      this.replace(message);
      return [];
    }
    this.waiting.set(message.seq, message);
    const released: Message[] = [];
    for (let next = this.waiting.get(this.top + 1); next; next = this.waiting.get(this.top + 1)) {
      this.waiting.delete(next.seq);
      this.top = next.seq;
      released.push(next);
    }
    if (released.length) this.messages = [...this.messages, ...released];
    return released;
  }

  /** Puts older messages in front, as far as they join without a hole. */
  prepend(older: readonly Message[]): void {
    const found = new Map(older.map((message) => [message.seq, message]));
    const joined: Message[] = [];
    for (let next = found.get(this.floor); next; next = found.get(this.floor)) {
      joined.unshift(next);
      this.floor -= 1;
    }
    if (joined.length) this.messages = [...joined, ...this.messages];
  }

  /** Whether something arrived beyond a hole. */
  get gap(): boolean {
    return this.waiting.size > 0;
  }

  list(): readonly Message[] {
    return this.messages;
  }

  /** A message that is already held may come again with fresh file addresses. */
  private replace(message: Message): void {
    const index = message.seq - this.floor - 1;
    if (index < 0) return;
    this.messages = this.messages.map((held, at) => (at === index ? message : held));
  }
}
