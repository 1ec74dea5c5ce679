import type { Environment, TimerId } from './environment';

/** Named one-shot timers: setting a name again replaces it, so that no wait is ever owned twice. */
export class Timers<Name extends string> {
  private readonly running = new Map<Name, TimerId>();

  constructor(private readonly environment: Environment) {}

  set(name: Name, ms: number, run: () => void): void {
    this.clear(name);
    const timer = this.environment.after(ms, () => {
      this.running.delete(name);
      run();
    });
    this.running.set(name, timer);
  }

  has(name: Name): boolean {
    return this.running.has(name);
  }

  clear(...names: Name[]): void {
    for (const name of names) {
      this.environment.cancel(this.running.get(name));
      this.running.delete(name);
    }
  }

  clearAll(): void {
    this.clear(...this.running.keys());
  }
}
