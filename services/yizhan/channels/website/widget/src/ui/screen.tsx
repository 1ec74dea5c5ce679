import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Desk } from '../desk';
import { DeskContext, type Enlarged, useView } from './desk';
import { Lightbox } from './lightbox';
import { Panel } from './panel';

const PHONE = '(max-width: 480px)';

function usePhone(): boolean {
  const [phone, setPhone] = useState(() => window.matchMedia(PHONE).matches);
  useEffect(() => {
    const media = window.matchMedia(PHONE);
    const change = (): void => setPhone(media.matches);
    media.addEventListener?.('change', change);
    return () => media.removeEventListener?.('change', change);
  }, []);
  return phone;
}

/** On a phone the panel covers what the keyboard leaves of the page, and the page behind it does not scroll. */
function useWholeScreen(active: boolean, box: { current: HTMLElement | null }): void {
  useEffect(() => {
    if (!active) return undefined;
    const visual = window.visualViewport;
    const measure = (): void => {
      box.current?.style.setProperty('--height', `${visual?.height ?? window.innerHeight}px`);
      box.current?.style.setProperty('--top', `${visual?.offsetTop ?? 0}px`);
    };
    measure();
    visual?.addEventListener('resize', measure);
    visual?.addEventListener('scroll', measure);
    const { style } = document.documentElement;
    const { overflow } = style;
    style.overflow = 'hidden';
    return () => {
      visual?.removeEventListener('resize', measure);
      visual?.removeEventListener('scroll', measure);
      style.overflow = overflow;
    };
  }, [active]);
}

export function Screen({ desk: given }: { desk: Desk }): JSX.Element {
  const view = useView(given.store);
  const phone = usePhone();
  const box = useRef<HTMLDivElement>(null);
  const [picture, setPicture] = useState<Enlarged | null>(null);
  useWholeScreen(view.open && phone, box);
  return (
    <DeskContext.Provider value={{ ...given, enlarge: setPicture }}>
      <Panel view={view} phone={phone} box={box} />
      {picture && <Lightbox picture={picture} />}
    </DeskContext.Provider>
  );
}
