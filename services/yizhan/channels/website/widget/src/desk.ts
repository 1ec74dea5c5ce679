import type { Words } from './text/i18n';
import type { Lang } from './text/lang';
import type { Client } from './transport/client';
import type { Uploads } from './transport/uploads';
import type { Store } from './view';

/** What the small part of the widget, which every page loads, hands to the panel. */
export interface Desk {
  store: Store;
  client: Client;
  uploads: Uploads;
  lang: Lang;
  words: Words;
  /** Where the gateway is; addresses of files are relative to it. */
  base: string;
  title: string;
  /** Local pictures of uploads, by client id. */
  previews: Map<string, string>;
  now(): number;
  close(): void;
}

/** What the panel's script leaves behind. */
export interface PanelScript {
  /** Which build it is of: what it is handed must come from the same. */
  edition: string;
  show(desk: Desk, root: ShadowRoot): void;
}
