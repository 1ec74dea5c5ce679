import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { sendsMessage } from '../text/ime';
import { FILE_TYPES, IMAGE_TYPES } from '../transport/uploads';
import type { View } from '../view';
import { send, useDesk } from './desk';
import { Clip, Person, Picture, Send, Smile } from './icons';

const EMOJI = [...'😊😄😂🤣😍🥰😘😎🤔😅😭😢😡😱🥺😴👍👌🙏👏💪🤝👋✌🌹🎉🎁🔥💯✅❌💰'];
/** The counter appears when this share of the limit is used. */
const COUNT_FROM = 0.8;
const TALLEST = 120;

const touch = (): boolean => window.matchMedia('(pointer: coarse)').matches;

export function Composer({ view }: { view: View }): JSX.Element {
  const desk = useDesk();
  const { words, client, uploads } = desk;
  const limit = view.limits.text_chars;
  const field = useRef<HTMLTextAreaElement>(null);
  const images = useRef<HTMLInputElement>(null);
  const files = useRef<HTMLInputElement>(null);
  const [length, setLength] = useState(0);
  const [blank, setBlank] = useState(true);
  const [picking, setPicking] = useState(false);
  const over = length - limit;
  const ready = !blank && over <= 0;

  const measure = (): void => {
    const element = field.current;
    if (!element) return;
    setLength([...element.value].length);
    setBlank(element.value.trim() === '');
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, TALLEST)}px`;
  };

  const submit = (): void => {
    const element = field.current;
    const text = element?.value.trim() ?? '';
    if (!element || !text || [...text].length > limit) return;
    send(desk, { type: 'text', text });
    element.value = '';
    setPicking(false);
    measure();
  };

  const insert = (text: string): void => {
    const element = field.current;
    if (!element) return;
    element.setRangeText(text, element.selectionStart, element.selectionEnd, 'end');
    measure();
    if (!touch()) element.focus();
  };

  const take = (chosen: ArrayLike<File> | null | undefined): boolean => {
    const list = Array.from(chosen ?? []);
    list.forEach((file) => uploads.add(file));
    return list.length > 0;
  };

  const pick = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    take(input.files);
    input.value = ''; // so that the same file can be chosen again
  };

  // The keyboard of a phone covers half of the page: it comes when the customer asks for it.
  useEffect(() => {
    if (view.open && !touch()) field.current?.focus({ preventScroll: true });
  }, [view.open]);

  // Pressing a button must not close the phone's keyboard.
  const keepFocus = (event: Event): void => event.preventDefault();

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && picking) {
          event.stopPropagation();
          setPicking(false);
          field.current?.focus();
        }
      }}
    >
      {picking && (
        <div class="emoji-box" role="group" aria-label={words.emoji}>
          {EMOJI.map((emoji) => (
            <button key={emoji} type="button" onMouseDown={keepFocus} onClick={() => insert(emoji)}>
              {emoji}
            </button>
          ))}
        </div>
      )}
      <textarea
        ref={field}
        rows={1}
        placeholder={words.placeholder}
        aria-label={words.placeholder}
        aria-invalid={over > 0}
        enterkeyhint="send"
        onInput={() => {
          measure();
          if (field.current?.value.trim()) client.typing();
        }}
        onKeyDown={(event) => {
          if (!sendsMessage(event)) return;
          event.preventDefault();
          submit();
        }}
        onPaste={(event) => {
          if (take(event.clipboardData?.files)) event.preventDefault();
        }}
      />
      <div class="tools">
        <button
          type="button"
          class="tool"
          aria-label={words.emoji}
          aria-expanded={picking}
          onMouseDown={keepFocus}
          onClick={() => setPicking(!picking)}
        >
          <Smile />
        </button>
        <button type="button" class="tool" aria-label={words.sendImage} onClick={() => images.current?.click()}>
          <Picture />
        </button>
        <button type="button" class="tool" aria-label={words.sendFile} onClick={() => files.current?.click()}>
          <Clip />
        </button>
        <input ref={images} type="file" hidden multiple accept={IMAGE_TYPES.join()} onChange={pick} />
        <input ref={files} type="file" hidden multiple accept={`${IMAGE_TYPES.join()},${FILE_TYPES}`} onChange={pick} />
        {view.service === 'bot' && view.messages.length > 0 && (
          <button type="button" class="chip" onClick={() => send(desk, { type: 'text', text: words.human })}>
            <Person />
            {words.human}
          </button>
        )}
        <span class="room" />
        {length > limit * COUNT_FROM && (
          <span class={over > 0 ? 'count over' : 'count'} role="status">
            {over > 0 ? words.tooMany(over) : `${length}/${limit}`}
          </span>
        )}
        <button type="submit" class="send" aria-label={words.send} disabled={!ready} onMouseDown={keepFocus}>
          <Send />
        </button>
      </div>
    </form>
  );
}
