import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { fileSize } from '../text/format';
import type { Line } from '../timeline';
import type { Media } from '../transport/protocol';
import { GoodsCard, LinkCard, LogisticsCard, OrderCard, RefundCard } from './cards';
import { resolve, useDesk } from './desk';
import { Alert, Doc, Pin, Star } from './icons';
import { Menu, starsOf } from './menu';
import { RichText } from './rich-text';

const LARGEST = 220;
const SMALLEST = 48;

/** The size at which a picture is shown, known before it is loaded so that nothing jumps. */
export function fit(width: number, height: number): { width: number; height: number } {
  if (!(width > 0 && height > 0)) return { width: 160, height: 120 };
  const scale = Math.min(1, LARGEST / width, LARGEST / height);
  return {
    width: Math.max(SMALLEST, Math.round(width * scale)),
    height: Math.max(SMALLEST, Math.round(height * scale)),
  };
}

/** Whether a text is a few emoji and nothing else: those are shown large. */
export const isEmoji = (text: string): boolean =>
  /^(\p{Extended_Pictographic}[\ufe0f\u200d\u{1f3fb}-\u{1f3ff}]*){1,3}$/u.test(text.trim());

/** What a message says. */
interface Props {
  line: Line;
  /** Of a menu: the option that was chosen, whether it is asked no more, and an option that is past by itself. */
  chosen: string | undefined;
  past: boolean;
  gone: string | undefined;
}

export function Body({ line, chosen, past, gone }: Props): JSX.Element {
  const { words } = useDesk();
  const { content } = line;
  switch (content.type) {
    case 'text':
      return (
        <div class={`bubble${isEmoji(content.text) ? ' emoji' : ''}`}>
          <RichText text={content.text} />
        </div>
      );
    case 'image':
      return <Picture media={content.media} line={line} />;
    case 'voice':
      return <Player media={content.media} tag="audio" />;
    case 'video':
      return <Player media={content.media} tag="video" />;
    case 'file':
      return <FileLink media={content.media} />;
    case 'menu':
      return <Menu menu={content} chosen={chosen} past={past} gone={gone} />;
    case 'choice': {
      const stars = starsOf(content.menu_id, content.option_id);
      if (stars === null) return <div class="bubble">{content.label || content.option_id}</div>;
      return (
        <div class="bubble own-stars">
          <span class="vh">{words.stars(stars)}</span>
          {Array.from({ length: stars }, (_, index) => (
            <Star key={index} />
          ))}
          <span>{words.ratings[stars - 1]}</span>
        </div>
      );
    }
    case 'link':
      return <LinkCard card={content} />;
    case 'goods':
      return <GoodsCard card={content} />;
    case 'order':
      return <OrderCard card={content} />;
    case 'logistics':
      return <LogisticsCard card={content} />;
    case 'refund':
      return <RefundCard card={content} />;
    case 'location':
      return (
        <div class="bubble place">
          <Pin />
          <span>{content.label || `${content.latitude}, ${content.longitude}`}</span>
        </div>
      );
    case 'event':
      return <div class="bubble">{content.text}</div>;
    default:
      return <div class="bubble soft">{words.unknown}</div>;
  }
}

function Picture({ media, line }: { media: Media; line: Line }): JSX.Element {
  const desk = useDesk();
  const { words } = desk;
  const src = desk.previews.get(line.key) ?? resolve(desk, media.url);
  const [broken, setBroken] = useState('');
  useEffect(() => setBroken(''), [src]);
  const size = fit(media.width, media.height);
  if (broken === src) {
    return (
      <button
        type="button"
        class="picture broken"
        onClick={() => {
          setBroken('');
          if (line.seq) void desk.client.refresh(line.seq);
        }}
      >
        <Alert />
        {words.imageGone}
      </button>
    );
  }
  return (
    <button
      type="button"
      class="picture"
      aria-label={media.name ? `${words.enlarge}: ${media.name}` : words.enlarge}
      onClick={() => desk.enlarge({ src, name: media.name })}
    >
      <img src={src} alt={media.name || words.image} {...size} draggable={false} onError={() => setBroken(src)} />
    </button>
  );
}

function Player({ media, tag: Tag }: { media: Media; tag: 'audio' | 'video' }): JSX.Element {
  const desk = useDesk();
  return <Tag class="player" src={resolve(desk, media.url)} controls preload="metadata" aria-label={media.name} />;
}

function FileLink({ media }: { media: Media }): JSX.Element {
  const desk = useDesk();
  return (
    <a class="file" href={resolve(desk, media.url)} target="_blank" rel="noopener noreferrer" download={media.name}>
      <span class="file-icon">
        <Doc />
      </span>
      <span>
        <span class="file-name">{media.name || desk.words.file}</span>
        <span class="soft">{fileSize(media.size)}</span>
      </span>
    </a>
  );
}
