import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Words } from '../text/i18n';
import type { View } from '../view';
import { Composer } from './composer';
import { type PanelDesk, reasonText, useDesk } from './desk';
import { trapTab } from './focus';
import { Down } from './icons';
import { Face } from './line';
import { Transcript } from './transcript';

function subtitle({ words }: PanelDesk, { connection, service, agent }: View): string {
  if (connection === 'connecting') return words.connecting;
  if (service === 'assigned') return words.assigned(agent?.name || words.defaultTitle);
  if (service === 'queued' || service === 'offered') return words.queued;
  if (service === 'ticketed') return words.ticketed;
  return service === 'closed' ? words.closed : words.online;
}

/** What is wrong with the connection, in words; empty while all is well or not yet known. */
function trouble(words: Words, connection: View['connection']): string {
  return connection === 'offline' || connection === 'refused' || connection === 'unidentified' ? words[connection] : '';
}

/** Says aloud what sighted people see: that the connection went or came back, that a message failed. */
function Announcer({ view }: { view: View }): JSX.Element {
  const desk = useDesk();
  const { words } = desk;
  const broken = useRef(false);
  const [status, setStatus] = useState('');
  useEffect(() => {
    if (view.connection === 'online') {
      setStatus(broken.current ? words.connected : '');
      broken.current = false;
      return undefined;
    }
    const text = trouble(words, view.connection);
    if (!text) return undefined;
    const timer = setTimeout(() => {
      broken.current = true;
      setStatus(text);
    }, 2_000); // a hiccup is no news
    return () => clearTimeout(timer);
  }, [view.connection]);
  const failed = [...view.pending, ...view.uploads].filter((item) => item.state === 'failed');
  const last = failed[failed.length - 1];
  const why = last ? reasonText(desk, last.reason) : '';
  return (
    <>
      <div class="vh" role="status">
        {status}
      </div>
      <div class="vh" role="alert" key={failed.length}>
        {last ? (why ? words.failedWhy(why) : words.failed) : ''}
      </div>
    </>
  );
}

interface Props {
  view: View;
  phone: boolean;
  box: { current: HTMLDivElement | null };
}

export function Panel({ view, phone, box }: Props): JSX.Element {
  const desk = useDesk();
  const { words, uploads, title } = desk;
  const { open, connection, service, agent } = view;
  const [dragging, setDragging] = useState(false);
  const broken = trouble(words, connection);
  const name = title || view.account?.name || words.defaultTitle;
  const author =
    service === 'assigned' && agent ? { kind: 'agent' as const, name: agent.name } : { kind: 'bot' as const, name: '' };

  useEffect(() => {
    if (open && phone) box.current?.focus({ preventScroll: true });
  }, [open]);

  const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

  return (
    <div
      ref={box}
      class={`panel${open ? ' open' : ''}`}
      role="dialog"
      aria-modal={phone}
      aria-label={words.dialog(name)}
      tabIndex={-1}
      onKeyDown={(event) => {
        event.stopPropagation(); // the page's shortcuts are not meant for what is typed here
        if (event.key === 'Escape' && !event.isComposing) desk.close();
        else if (phone && box.current) trapTab(event, box.current);
      }}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(event) => {
        if (!box.current?.contains(event.relatedTarget as Node | null)) setDragging(false);
      }}
      onDrop={(event) => {
        setDragging(false);
        if (!carriesFiles(event)) return;
        event.preventDefault();
        Array.from(event.dataTransfer?.files ?? []).forEach((file) => uploads.add(file));
      }}
    >
      <header>
        <div class={`head-face ${connection}`}>
          <Face author={author} />
        </div>
        <div class="head-text">
          <h2>{name}</h2>
          <p>{subtitle(desk, view)}</p>
        </div>
        <button type="button" class="head-close" aria-label={words.close} onClick={() => desk.close()}>
          <Down />
        </button>
      </header>
      {broken && <div class={`banner ${connection}`}>{broken}</div>}
      <Transcript view={view} />
      <Composer view={view} />
      {dragging && <div class="drop">{words.drop}</div>}
      <Announcer view={view} />
    </div>
  );
}
