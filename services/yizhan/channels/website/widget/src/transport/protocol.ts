/** The website client protocol (docs/website-protocol.md) as types, and the checks at its edge. */

export type AuthorKind = 'customer' | 'bot' | 'agent' | 'system';

export interface Author {
  kind: AuthorKind;
  name: string;
}

export interface Media {
  id: string;
  mime: string;
  name: string;
  size: number;
  width: number;
  height: number;
  url: string;
}

export interface Goods {
  goods_id: string;
  title: string;
  price_minor: number;
  currency: string;
  image_url: string;
  url: string;
}

export interface MenuOption {
  id: string;
  label: string;
}

export interface TextContent {
  type: 'text';
  text: string;
}

export interface MediaContent {
  type: 'image' | 'voice' | 'video' | 'file';
  media: Media;
}

export interface MenuContent {
  type: 'menu';
  menu_id: string;
  prompt: string;
  options: MenuOption[];
}

export interface ChoiceContent {
  type: 'choice';
  menu_id: string;
  option_id: string;
  label: string;
}

export interface LinkContent {
  type: 'link';
  url: string;
  title: string;
  description: string;
}

export interface LocationContent {
  type: 'location';
  latitude: number;
  longitude: number;
  label: string;
}

export interface GoodsContent extends Goods {
  type: 'goods';
}

export interface OrderContent {
  type: 'order';
  order_id: string;
  status: string;
  goods: Goods[];
  total_minor: number;
  currency: string;
  url: string;
}

export interface LogisticsContent {
  type: 'logistics';
  order_id: string;
  carrier: string;
  tracking_number: string;
  steps: { at: string; text: string }[];
  url: string;
}

export interface RefundContent {
  type: 'refund';
  refund_id: string;
  order_id: string;
  status: string;
  amount_minor: number;
  currency: string;
  url: string;
}

export interface EventContent {
  type: 'event';
  code: string;
  text: string;
}

export type Content =
  | TextContent
  | MediaContent
  | MenuContent
  | ChoiceContent
  | LinkContent
  | LocationContent
  | GoodsContent
  | OrderContent
  | LogisticsContent
  | RefundContent
  | EventContent;

/** What a customer may send. Media is uploaded first. */
export type Outgoing = TextContent | MediaContent | ChoiceContent;

export interface Message {
  seq: number;
  id: string;
  client_id?: string;
  author: Author;
  content: Content;
  sent_at: string;
  session: number;
  /** Grows when the conversation changes hands. */
  epoch?: number;
}

export type ServiceState = 'bot' | 'queued' | 'offered' | 'assigned' | 'ticketed' | 'closed';

export interface Agent {
  name: string;
}

export interface Problem {
  code: string;
  title: string;
  retry?: boolean;
  retry_after?: number;
}

export type ServerFrame =
  | { type: 'ready'; head: number; state?: ServiceState; agent?: Agent | null; ping_seconds?: number }
  | { type: 'accepted'; client_id: string; message_id: string; received_at: string }
  | { type: 'refused'; client_id: string; problem: Problem }
  | { type: 'message'; message: Message }
  | { type: 'state'; state: ServiceState; agent: Agent | null }
  | { type: 'typing'; author: Author }
  | { type: 'receipt'; seq: number; state: string }
  | { type: 'pong' }
  | { type: 'error'; problem: Problem };

export type ClientFrame =
  | { type: 'send'; client_id: string; content: Outgoing }
  | { type: 'typing' }
  | { type: 'delivered'; seq: number }
  | { type: 'read'; seq: number }
  | { type: 'ping' }
  | { type: 'resync'; after: number };

export interface Limits {
  text_chars: number;
  file_bytes: number;
  image_bytes: number;
  sends_per_minute: number;
}

export interface Account {
  name: string;
  locale: string;
  color: string;
}

export interface Session {
  token: string;
  visitor_id: string;
  head: number;
  expires_at: string;
  account: Account;
  limits: Limits;
}

export interface Page {
  url: string;
  title: string;
}

export type Identity = { jwt: string } | { user_id: string; hmac: string; name?: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a value has what ordering and showing a message needs. Content kinds may be newer than this client. */
export function isMessage(value: unknown): value is Message {
  return (
    isObject(value) &&
    Number.isInteger(value['seq']) &&
    (value['seq'] as number) > 0 &&
    typeof value['id'] === 'string' &&
    isObject(value['author']) &&
    isObject(value['content']) &&
    typeof value['content']['type'] === 'string'
  );
}

/** Whether a value read back from storage can still be sent. */
export function isOutgoing(value: unknown): value is Outgoing {
  if (!isObject(value)) return false;
  if (value['type'] === 'text') return typeof value['text'] === 'string';
  if (value['type'] === 'choice') return typeof value['menu_id'] === 'string' && typeof value['option_id'] === 'string';
  return isObject(value['media']) && typeof value['media']['id'] === 'string';
}

/** One frame, or null for anything that is not a frame (an unknown type is a frame: newer servers may send them). */
export function parseFrame(text: string): ServerFrame | null {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || typeof value['type'] !== 'string') return null;
    if (value['type'] === 'message' && !isMessage(value['message'])) return null;
    return value as unknown as ServerFrame;
  } catch {
    return null;
  }
}

/** Content as it is sent: a file travels as its id only. */
export function onWire(content: Outgoing): unknown {
  return 'media' in content ? { type: content.type, media: { id: content.media.id } } : content;
}
