/** What the transport takes from the browser. Tests inject their own. */

export interface SocketLike {
  send(data: string): void;
  close(code?: number): void;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
}

export type TimerId = ReturnType<typeof setTimeout>;

export interface Environment {
  socket(url: string): SocketLike;
  fetch(url: string, init?: RequestInit): Promise<Response>;
  /** Uploads are apart because only XMLHttpRequest reports progress. Resolves with status and body text. */
  upload(url: string, token: string, file: File, progress: (share: number) => void): Promise<[number, string]>;
  after(ms: number, run: () => void): TimerId;
  cancel(timer: TimerId | undefined): void;
  now(): number;
  random(): number;
  newId(): string;
  online(): boolean;
  /** Runs one tab at a time where the browser can, so that two tabs never open two sessions. */
  exclusive<T>(name: string, run: () => Promise<T>): Promise<T>;
}

/** A random UUID also on plain http pages, where crypto.randomUUID does not exist. */
export function uuid(random: () => number = cryptoRandom): string {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (slot) => {
    const nibble = Math.floor(random() * 16);
    return (slot === 'x' ? nibble : (nibble & 3) | 8).toString(16);
  });
}

function cryptoRandom(): number {
  const word = new Uint32Array(1);
  crypto.getRandomValues(word);
  return (word[0] ?? 0) / 2 ** 32;
}

function upload(url: string, token: string, file: File, progress: (share: number) => void): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append('file', file, file.name || 'image.png');
    request.open('POST', url);
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.timeout = 120_000;
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onload = () => resolve([request.status, request.responseText]);
    request.onerror = request.ontimeout = request.onabort = () => reject(new Error('network'));
    request.send(form);
  });
}

export function browserEnvironment(): Environment {
  return {
    socket: (url) => new WebSocket(url),
    fetch: (url, init) => fetch(url, init),
    upload,
    after: (ms, run) => setTimeout(run, ms),
    cancel: (timer) => clearTimeout(timer),
    now: () => Date.now(),
    random: Math.random,
    newId: () => uuid(),
    online: () => navigator.onLine !== false,
    exclusive: (name, run) =>
      // Absent on plain http pages and in old browsers.
      navigator.locks ? (navigator.locks.request(name, run) as ReturnType<typeof run>) : run(),
  };
}
