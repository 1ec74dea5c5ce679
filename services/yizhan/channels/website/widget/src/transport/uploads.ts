import type { Api } from './api';
import { Failure } from './api';
import type { Limits, Media, MediaContent } from './protocol';

/** A file on its way to the server; afterwards it becomes a message under the same client id. */
export interface Upload {
  client_id: string;
  kind: 'image' | 'file';
  name: string;
  size: number;
  /** Shows the picture before, and without a flicker after, the server has it. Empty for other files. */
  preview: string;
  share: number;
  state: 'waiting' | 'sending' | 'failed';
  reason: string;
}

export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
/** Offered by the file picker; the server looks at the bytes and decides. */
export const FILE_TYPES = '.pdf,.txt,.csv,.docx,.xlsx,.pptx,.zip,.mp3,.m4a,.wav,.amr,.ogg,.mp4,.webm';
export const DEFAULT_LIMITS: Limits = {
  text_chars: 4000,
  file_bytes: 20 * 1024 * 1024,
  image_bytes: 10 * 1024 * 1024,
  sends_per_minute: 30,
};

/** Uploads files one after the other, in the order in which they were chosen. */
export class Uploads {
  private readonly files = new Map<string, File>();
  private items: Upload[] = [];
  private busy = false;
  limits = DEFAULT_LIMITS;

  constructor(
    private readonly api: Api,
    private readonly newId: () => string,
    private readonly preview: (file: File, client_id: string) => string,
    private readonly done: (content: MediaContent, client_id: string) => void,
    private readonly changed: (items: readonly Upload[]) => void,
  ) {}

  add(file: File): void {
    const client_id = this.newId();
    const kind = IMAGE_TYPES.includes(file.type) ? 'image' : 'file';
    const reason = this.objection(file, kind);
    this.files.set(client_id, file);
    const item: Upload = {
      client_id,
      kind,
      name: file.name,
      size: file.size,
      preview: kind === 'image' ? this.preview(file, client_id) : '',
      share: 0,
      state: reason ? 'failed' : 'waiting',
      reason,
    };
    this.set([...this.items, item]);
    this.pump();
  }

  retry(client_id: string): void {
    const file = this.files.get(client_id);
    const item = this.items.find((one) => one.client_id === client_id);
    if (!file || !item || this.objection(file, item.kind)) return;
    this.change(client_id, { state: 'waiting', share: 0, reason: '' });
    this.pump();
  }

  remove(client_id: string): void {
    this.files.delete(client_id);
    this.set(this.items.filter((item) => item.client_id !== client_id));
  }

  clear(): void {
    this.files.clear();
    this.set([]);
  }

  /** Goes on when there is a session to upload under. */
  pump(): void {
    const next = this.items.find((item) => item.state === 'waiting');
    const file = next && this.files.get(next.client_id);
    if (this.busy || !this.api.token || !next || !file) return;
    this.busy = true;
    const { client_id, kind } = next;
    this.change(client_id, { state: 'sending' });
    this.api
      .upload(file, (share) => this.change(client_id, { share }))
      .then(
        (media) => this.finish(client_id, kind, media),
        (failure: unknown) => {
          this.change(client_id, {
            state: 'failed',
            reason: failure instanceof Failure ? failure.problem.code : 'network',
          });
        },
      )
      .finally(() => {
        this.busy = false;
        this.pump();
      });
  }

  private finish(client_id: string, kind: Upload['kind'], media: Media): void {
    if (!this.files.has(client_id)) return; // dropped meanwhile
    this.remove(client_id);
    this.done({ type: kind, media }, client_id);
  }

  private objection(file: File, kind: Upload['kind']): string {
    if (file.size === 0) return 'empty_file';
    return file.size > (kind === 'image' ? this.limits.image_bytes : this.limits.file_bytes) ? 'too_large' : '';
  }

  private change(client_id: string, change: Partial<Upload>): void {
    this.set(this.items.map((item) => (item.client_id === client_id ? { ...item, ...change } : item)));
  }

  private set(items: Upload[]): void {
    this.items = items;
    this.changed(items);
  }
}
