/** What the widget remembers between pages, apart for every server and account. */

export interface Keeper {
  read(key: string): string | null;
  write(key: string, value: string | null): void;
  keys(prefix: string): string[];
}

export class MemoryKeeper implements Keeper {
  private readonly values = new Map<string, string>();

  read(key: string): string | null {
    return this.values.get(key) ?? null;
  }

  write(key: string, value: string | null): void {
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
  }

  keys(prefix: string): string[] {
    return [...this.values.keys()].filter((key) => key.startsWith(prefix));
  }
}

/**
 * localStorage under a prefix. Where it is blocked or full, this page's memory takes over: the chat works, only a
 * reload forgets.
 */
export class LocalKeeper implements Keeper {
  private readonly fallback = new MemoryKeeper();

  constructor(
    private readonly prefix: string,
    private readonly backing: () => Storage = () => window.localStorage,
  ) {}

  read(key: string): string | null {
    const kept = this.fallback.read(key);
    if (kept !== null) return kept;
    try {
      return this.backing().getItem(this.prefix + key);
    } catch {
      return null;
    }
  }

  write(key: string, value: string | null): void {
    this.fallback.write(key, null);
    try {
      if (value === null) this.backing().removeItem(this.prefix + key);
      else this.backing().setItem(this.prefix + key, value);
    } catch {
      this.fallback.write(key, value);
    }
  }

  keys(prefix: string): string[] {
    const found = new Set(this.fallback.keys(prefix));
    try {
      const backing = this.backing();
      for (let index = 0; index < backing.length; index += 1) {
        const key = backing.key(index);
        if (key?.startsWith(this.prefix + prefix)) found.add(key.slice(this.prefix.length));
      }
    } catch {
      // The fallback's keys are all there are.
    }
    return [...found];
  }

  /** Tells which key another tab changed. Returns the way to stop. */
  watch(changed: (key: string, value: string | null) => void): () => void {
    const listen = (event: StorageEvent): void => {
      if (event.key?.startsWith(this.prefix)) changed(event.key.slice(this.prefix.length), event.newValue);
    };
    window.addEventListener('storage', listen);
    return () => window.removeEventListener('storage', listen);
  }
}
