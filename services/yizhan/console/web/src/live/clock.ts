/** The gateway's time as this screen estimates it: countdowns must not lie because a computer's clock is wrong. */

const TOLERATED_MS = 2_000

export class ServerClock {
  private offsetMs = 0
  private readonly local: () => number

  constructor(local: () => number = Date.now) {
    this.local = local
  }

  /** `Date` headers have whole seconds and travel for a while, so small differences mean nothing. */
  heard(date: Date): void {
    const difference = date.getTime() + 500 - this.local()
    this.offsetMs = Math.abs(difference) > TOLERATED_MS ? difference : 0
  }

  now(): number {
    return this.local() + this.offsetMs
  }
}
