import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';

import { linkify } from '../text/linkify';

/** Text with its addresses clickable. Built from pieces: nothing that a person wrote ever becomes markup. */
export function RichText({ text }: { text: string }): JSX.Element {
  const pieces = useMemo(() => linkify(text), [text]);
  return (
    <>
      {pieces.map(({ text: part, href }, index) =>
        href ? (
          <a key={index} href={href} target="_blank" rel="noopener noreferrer nofollow">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </>
  );
}
