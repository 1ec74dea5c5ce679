import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

import { type Enlarged, useDesk } from './desk';
import { trapTab } from './focus';
import { Close } from './icons';

/** A picture over the whole page. */
export function Lightbox({ picture }: { picture: Enlarged }): JSX.Element {
  const { words, enlarge } = useDesk();
  const box = useRef<HTMLDivElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const before = (box.current?.getRootNode() as ShadowRoot | undefined)?.activeElement;
    close.current?.focus();
    return () => (before as HTMLElement | null | undefined)?.focus?.();
  }, []);
  return (
    <div
      ref={box}
      class="lightbox"
      role="dialog"
      aria-modal="true"
      aria-label={picture.name || words.image}
      onClick={() => enlarge(null)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          enlarge(null);
        } else if (box.current) trapTab(event, box.current);
      }}
    >
      <img src={picture.src} alt={picture.name} onClick={(event) => event.stopPropagation()} />
      <div class="lightbox-tools" onClick={(event) => event.stopPropagation()}>
        <a href={picture.src} target="_blank" rel="noopener noreferrer">
          {words.openImage}
        </a>
        <button ref={close} type="button" aria-label={words.close} onClick={() => enlarge(null)}>
          <Close />
        </button>
      </div>
    </div>
  );
}
