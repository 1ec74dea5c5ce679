import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';

import { clockTime, money } from '../text/format';
import type {
  Goods,
  GoodsContent,
  LinkContent,
  LogisticsContent,
  OrderContent,
  RefundContent,
} from '../transport/protocol';
import { resolve, useDesk } from './desk';
import { Go } from './icons';

const GOODS_SHOWN = 3;
const STEPS_SHOWN = 3;

/** A card that leads somewhere is a link as a whole; one without an address is only read. */
function Card({ url, name, children }: { url: string; name: string; children: ComponentChildren }): JSX.Element {
  const desk = useDesk();
  const href = url ? resolve(desk, url) : '';
  return (
    <div class={`card ${name}`}>
      {children}
      {href && (
        <a class="card-go" href={href} target="_blank" rel="noopener noreferrer nofollow">
          {desk.words.details}
          <Go />
        </a>
      )}
    </div>
  );
}

function Head({ title, status }: { title: string; status?: string }): JSX.Element {
  return (
    <div class="card-head">
      <b>{title}</b>
      {status && <span class="tag">{status}</span>}
    </div>
  );
}

function Amount({ label, minor, currency }: { label: string; minor: number; currency: string }): JSX.Element {
  const { lang } = useDesk();
  return (
    <div class="card-sum">
      <span>{label}</span>
      <span class="price">{money(minor, currency, lang)}</span>
    </div>
  );
}

function Item({ goods }: { goods: Goods }): JSX.Element {
  const desk = useDesk();
  const [broken, setBroken] = useState(false);
  const image = goods.image_url && !broken ? resolve(desk, goods.image_url) : '';
  return (
    <div class="goods-item">
      {image && <img src={image} alt="" width="64" height="64" loading="lazy" onError={() => setBroken(true)} />}
      <div>
        <div class="goods-title">{goods.title}</div>
        {goods.price_minor > 0 && <div class="price">{money(goods.price_minor, goods.currency, desk.lang)}</div>}
      </div>
    </div>
  );
}

export function GoodsCard({ card }: { card: GoodsContent }): JSX.Element {
  return (
    <Card url={card.url} name="goods">
      <Item goods={card} />
    </Card>
  );
}

export function OrderCard({ card }: { card: OrderContent }): JSX.Element {
  const { words } = useDesk();
  const more = card.goods.length - GOODS_SHOWN;
  return (
    <Card url={card.url} name="order">
      <Head title={`${words.order} ${card.order_id}`} status={card.status} />
      {card.goods.slice(0, GOODS_SHOWN).map((goods) => (
        <Item key={goods.goods_id} goods={goods} />
      ))}
      {more > 0 && <div class="soft">{words.more(more)}</div>}
      {card.total_minor > 0 && <Amount label={words.orderTotal} minor={card.total_minor} currency={card.currency} />}
    </Card>
  );
}

export function LogisticsCard({ card }: { card: LogisticsContent }): JSX.Element {
  const { words, lang, now } = useDesk();
  const [all, setAll] = useState(false);
  const newestFirst = [...card.steps].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const more = newestFirst.length - STEPS_SHOWN;
  return (
    <Card url={card.url} name="logistics">
      <Head title={card.carrier || words.logistics} />
      <div class="soft tracking">{card.tracking_number}</div>
      <ol class="steps">
        {(all ? newestFirst : newestFirst.slice(0, STEPS_SHOWN)).map((step) => (
          <li key={step.at + step.text}>
            <div>{step.text}</div>
            <time class="soft">{clockTime(Date.parse(step.at), now(), lang)}</time>
          </li>
        ))}
      </ol>
      {!all && more > 0 && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          {words.more(more)}
        </button>
      )}
    </Card>
  );
}

export function RefundCard({ card }: { card: RefundContent }): JSX.Element {
  const { words } = useDesk();
  return (
    <Card url={card.url} name="refund">
      <Head title={`${words.refund} ${card.refund_id}`} status={card.status} />
      {card.order_id && (
        <div class="soft">
          {words.order} {card.order_id}
        </div>
      )}
      {card.amount_minor > 0 && (
        <Amount label={words.refundAmount} minor={card.amount_minor} currency={card.currency} />
      )}
    </Card>
  );
}

export function LinkCard({ card }: { card: LinkContent }): JSX.Element {
  return (
    <Card url={card.url} name="link">
      <b class="goods-title">{card.title || card.url}</b>
      {card.description && <div class="soft clamp">{card.description}</div>}
    </Card>
  );
}
