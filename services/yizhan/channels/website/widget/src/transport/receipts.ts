import type { Environment } from './environment';
import type { Keeper } from './keeper';
import type { ClientFrame } from './protocol';
import type { Sequence } from './sequence';
import { Timers } from './timers';

/** Several messages within this time make one receipt. */
const TOGETHER_MS = 400;
const KEY = 'read';

/** What has arrived here and what the customer has seen, told to the server once each. */
export class Receipts {
  private delivered = 0;
  private seen = 0;
  private seenTold = 0;
  private readonly timers: Timers<'tell'>;

  /** `send` is false when there is nobody to send to; `changed` hears what counts as read. */
  constructor(
    environment: Environment,
    private readonly keeper: Keeper,
    private readonly sequence: () => Sequence,
    private readonly send: (frame: ClientFrame) => boolean,
    private readonly changed: (seq: number) => void,
  ) {
    this.timers = new Timers(environment);
  }

  /** Takes up what was read on earlier pages. */
  load(): void {
    this.seen = Number(this.keeper.read(KEY) ?? 0);
    this.changed(this.seen);
  }

  /** The customer has seen everything up to here. */
  read(seq: number): void {
    if (seq <= this.seen) return;
    this.seen = seq;
    this.keeper.write(KEY, String(seq));
    this.changed(seq);
    this.schedule();
  }

  /** The same happened in another tab, which tells the server. */
  readElsewhere(seq: number): void {
    if (seq <= this.seen) return;
    this.seen = this.seenTold = seq;
    this.changed(seq);
  }

  schedule(): void {
    if (this.timers.has('tell')) return;
    this.timers.set('tell', TOGETHER_MS, () => this.tell());
  }

  stop(): void {
    this.timers.clearAll();
  }

  forget(): void {
    this.stop();
    this.delivered = this.seen = this.seenTold = 0;
    this.keeper.write(KEY, null);
    this.changed(0);
  }

  private tell(): void {
    const { top } = this.sequence();
    const news = this.sequence()
      .list()
      .some((one) => one.seq > this.delivered && one.author.kind !== 'customer');
    if (news && this.send({ type: 'delivered', seq: top })) this.delivered = top;
    if (this.seen > this.seenTold && this.send({ type: 'read', seq: this.seen })) this.seenTold = this.seen;
  }
}
