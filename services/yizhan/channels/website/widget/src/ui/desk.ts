import { createContext } from 'preact';
import { useContext, useLayoutEffect, useState } from 'preact/hooks';

import type { Desk } from '../desk';
import { safeUrl } from '../text/linkify';
import type { Outgoing } from '../transport/protocol';
import type { Store, View } from '../view';

/** What every part of the panel may use. */
export interface PanelDesk extends Desk {
  enlarge(picture: Enlarged | null): void;
}

export interface Enlarged {
  src: string;
  name: string;
}

export const DeskContext = createContext<PanelDesk | null>(null);

export function useDesk(): PanelDesk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error('outside of the widget');
  return desk;
}

export function useView(store: Store): View {
  const [view, setView] = useState(store.view);
  useLayoutEffect(() => {
    setView(store.view);
    return store.subscribe(setView);
  }, [store]);
  return view;
}

export const resolve = (desk: PanelDesk, url: string): string => safeUrl(url, desk.base) ?? '';

export const send = (desk: PanelDesk, content: Outgoing): string => desk.client.send(content);

/** Why something was not sent, in words; empty for reasons that have none. */
export const reasonText = ({ words }: PanelDesk, reason: string): string => words.reasons[reason] ?? '';
