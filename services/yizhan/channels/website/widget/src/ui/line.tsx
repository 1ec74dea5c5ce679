import type { ComponentChildren, JSX } from 'preact';

import { fileSize } from '../text/format';
import { initials } from '../text/initials';
import type { Line as TimelineLine } from '../timeline';
import type { Author } from '../transport/protocol';
import type { Upload } from '../transport/uploads';
import { Body } from './body';
import { reasonText, useDesk } from './desk';
import { Alert, Bot, Doc, Person } from './icons';

export function Face({ author }: { author: Author }): JSX.Element {
  if (author.kind === 'bot')
    return (
      <span class="face bot">
        <Bot />
      </span>
    );
  return <span class="face">{initials(author.name) || <Person />}</span>;
}

function Failed({ reason, retry, discard }: { reason: string; retry?: () => void; discard: () => void }): JSX.Element {
  const desk = useDesk();
  const { words } = desk;
  const why = reasonText(desk, reason);
  return (
    <div class="failed">
      <Alert />
      <span>{why ? words.failedWhy(why) : words.failed}</span>
      {retry && (
        <button type="button" class="plain" onClick={retry}>
          {words.retry}
        </button>
      )}
      <button type="button" class="plain" onClick={discard}>
        {words.discard}
      </button>
    </div>
  );
}

/** Trying again would end the same way. */
const FINAL = ['too_large', 'empty_file', 'type_not_allowed'];

interface Props {
  line: TimelineLine;
  chosen: string | undefined;
  past: boolean;
  gone: string | undefined;
  /** Carries the word "sent": the last message that the server has. */
  marked: boolean;
}

export function Line({ line, chosen, past, gone, marked }: Props): JSX.Element {
  const { words, client } = useDesk();
  const { author, delivery, first, last } = line;
  const own = author.kind === 'customer';
  const name = own ? words.you : author.name || (author.kind === 'bot' ? words.bot : words.defaultTitle);
  return (
    <div
      class={`line ${own ? 'own' : 'other'}${first ? ' first' : ''}${last ? ' last' : ''} ${delivery}`}
      data-author={author.kind}
      data-seq={line.seq || undefined}
    >
      {!own && <div class="face-place">{first && <Face author={author} />}</div>}
      <div class="stack">
        {!own && first ? <div class="name">{name}</div> : <span class="vh">{name}</span>}
        <div class="said">
          {delivery === 'sending' && <span class="spinner" role="img" aria-label={words.sending} />}
          <Body line={line} chosen={chosen} past={past} gone={gone} />
        </div>
        {delivery === 'failed' && (
          <Failed reason={line.reason} retry={() => client.retry(line.key)} discard={() => client.discard(line.key)} />
        )}
        {marked && <div class="mark">{words.sent}</div>}
      </div>
    </div>
  );
}

export function UploadLine({ upload }: { upload: Upload }): JSX.Element {
  const { words, uploads } = useDesk();
  const percent = Math.round(upload.share * 100);
  const final = FINAL.includes(upload.reason);
  const bar = upload.state !== 'failed' && (
    <span
      class="progress"
      role="progressbar"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-label={words.uploading(percent)}
    >
      <i style={{ width: `${percent}%` }} />
    </span>
  );
  return (
    <Own>
      {upload.preview ? (
        <span class="picture uploading">
          <img src={upload.preview} alt={upload.name} />
          {bar}
        </span>
      ) : (
        <span class="file">
          <span class="file-icon">
            <Doc />
          </span>
          <span>
            <span class="file-name">{upload.name}</span>
            <span class="soft">{fileSize(upload.size)}</span>
            {bar}
          </span>
        </span>
      )}
      {upload.state === 'failed' && (
        <Failed
          reason={upload.reason}
          {...(final ? {} : { retry: () => uploads.retry(upload.client_id) })}
          discard={() => uploads.remove(upload.client_id)}
        />
      )}
    </Own>
  );
}

function Own({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <div class="line own first last">
      <div class="stack">{children}</div>
    </div>
  );
}

export function TypingLine({ author }: { author: Author }): JSX.Element {
  const { words } = useDesk();
  return (
    <div class="line other first last typing">
      <div class="face-place">
        <Face author={author} />
      </div>
      <div class="bubble dots">
        <span class="vh">{words.typing(author.name || words.bot)}</span>
        <i />
        <i />
        <i />
      </div>
    </div>
  );
}
