import type { Environment } from './environment';
import type { Keeper } from './keeper';
import type { ClientFrame } from './protocol';
import type { Sequence } from './sequence';
import { Timers } from './timers';

/** Messages that arrive within this time make one receipt. Short: the server's figures count it as time on the way. */
const ARRIVED_MS = 50;
/** The same for what was seen, which is not urgent. */
const SEEN_MS = 400;
const KEY = 'read';

/** What has arrived here and what the customer has seen, told to the server once each. */
export class Receipts {
  private delivered = 0;
  private seen = 0;
  private seenTold = 0;
  private readonly timers: Timers<'arrived' | 'seen'>;

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
    this.scheduleSeen();
  }

  /** The same happened in another tab, which tells the server. */
  readElsewhere(seq: number): void {
    if (seq <= this.seen) return;
    this.seen = this.seenTold = seq;
    this.changed(seq);
  }

  /** Something arrived, or there is somebody to tell again. */
  schedule(): void {
    if (!this.timers.has('arrived')) this.timers.set('arrived', ARRIVED_MS, () => this.tellArrived());
    this.scheduleSeen();
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

  private scheduleSeen(): void {
    if (this.timers.has('seen')) return;
    this.timers.set('seen', SEEN_MS, () => {
      if (this.seen > this.seenTold && this.send({ type: 'read', seq: this.seen })) this.seenTold = this.seen;
    });
  }

  private tellArrived(): void {
    const { top } = this.sequence();
    const news = this.sequence()
      .list()
      .some((one) => one.seq > this.delivered && one.author.kind !== 'customer');
    if (news && this.send({ type: 'delivered', seq: top })) this.delivered = top;
  }
}
