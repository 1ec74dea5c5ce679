import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';

import { menus } from '../menus';
import { clockTime } from '../text/format';
import { lastSent, timeline } from '../timeline';
import type { View } from '../view';
import { useDesk } from './desk';
import { Down } from './icons';
import { Line, TypingLine, UploadLine } from './line';

/** Closer to the end than this counts as being there. */
const NEAR_END = 60;
const NEAR_START = 80;

interface Place {
  height: number;
  top: number;
  floor: number;
  newest: string;
}

/** The conversation. Stays at the newest message unless the customer scrolled away, and never jumps while reading. */
export function Transcript({ view }: { view: View }): JSX.Element {
  const desk = useDesk();
  const { words, client, lang, now } = desk;
  const { messages, pending, uploads, typing, older, loading } = view;
  const rows = useMemo(() => timeline(messages, pending), [messages, pending]);
  const { chosen, past, gone } = useMemo(() => menus(rows), [rows]);
  const marked = useMemo(() => lastSent(rows), [rows]);
  const box = useRef<HTMLDivElement>(null);
  const inner = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const place = useRef<Place>({ height: 0, top: 0, floor: 0, newest: '' });
  const [missed, setMissed] = useState(false);
  const [away, setAway] = useState(false);

  const toEnd = (): void => {
    const element = box.current;
    if (element) element.scrollTop = element.scrollHeight;
  };

  const seen = (): void => {
    const last = messages[messages.length - 1];
    if (last && view.open && atEnd.current && document.visibilityState === 'visible') client.read(last.seq);
  };

  const onScroll = (): void => {
    const element = box.current;
    if (!element) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    place.current.top = element.scrollTop;
    setAway(!atEnd.current);
    if (atEnd.current) {
      setMissed(false);
      seen();
    }
    if (element.scrollTop < NEAR_START && older && !loading) void client.older();
  };

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { height, top, floor, newest } = place.current;
    const last = rows[rows.length - 1];
    const key = last ? (last.kind === 'line' ? last.line.key : last.key) : '';
    const written = last?.kind === 'line' && last.line.delivery === 'sending'; // here, a moment ago
    const nextFloor = messages[0]?.seq ?? 0;
    if (nextFloor < floor && !atEnd.current) element.scrollTop = top + element.scrollHeight - height;
    else if (atEnd.current || (written && key !== newest)) toEnd();
    else if (key !== newest) setMissed(true);
    place.current = { height: element.scrollHeight, top: element.scrollTop, floor: nextFloor, newest: key };
  }, [rows, uploads, typing, loading]);

  // Pictures that load, the keyboard that opens: the end stays the end.
  useEffect(() => {
    if (typeof ResizeObserver === 'undefined' || !box.current || !inner.current) return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
      if (box.current) place.current.height = box.current.scrollHeight;
    });
    observer.observe(box.current);
    observer.observe(inner.current);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, [messages, view.open]);

  return (
    <div class="transcript-place">
      <div
        class="transcript"
        ref={box}
        role="log"
        // What is already there when the panel opens, or comes from above, is not news.
        aria-live={view.open && view.live && !loading ? 'polite' : 'off'}
        aria-label={words.transcript}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div class="rows" ref={inner}>
          {older ? (
            <button type="button" class="older" disabled={loading} onClick={() => void client.older()}>
              {loading ? '…' : words.older}
            </button>
          ) : (
            <div class="welcome">
              <strong>{words.welcomeTitle}</strong>
              <p>{words.welcomeText}</p>
            </div>
          )}
          {rows.map((row) => {
            if (row.kind === 'time') {
              return (
                <div key={row.key} class="time">
                  {clockTime(row.at, now(), lang)}
                </div>
              );
            }
            if (row.kind === 'event') {
              return (
                <div key={row.key} class="event" data-seq={row.seq}>
                  <span>{row.text}</span>
                </div>
              );
            }
            const { line } = row;
            return (
              <Line
                key={line.key}
                line={line}
                chosen={chosen.get(line.key)}
                past={past.has(line.key)}
                gone={gone.get(line.key)}
                marked={line.key === marked}
              />
            );
          })}
          {uploads.map((upload) => (
            <UploadLine key={upload.client_id} upload={upload} />
          ))}
          {typing && <TypingLine author={typing} />}
        </div>
      </div>
      {away && (
        <button
          type="button"
          class={`to-end${missed ? ' missed' : ''}`}
          aria-label={words.newMessages}
          onClick={() => {
            atEnd.current = true;
            toEnd();
          }}
        >
          {missed && <span>{words.newMessages}</span>}
          <Down />
        </button>
      )}
    </div>
  );
}
