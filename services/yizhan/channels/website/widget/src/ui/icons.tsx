import type { ComponentChildren, JSX } from 'preact';

/** Line icons on a 24 × 24 grid, in the colour of the text around them. They never carry meaning alone. */
const icon =
  (drawing: ComponentChildren, filled = false) =>
  (): JSX.Element => (
    <svg
      viewBox="0 0 24 24"
      width="1em"
      height="1em"
      fill={filled ? 'currentColor' : 'none'}
      stroke={filled ? 'none' : 'currentColor'}
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {drawing}
    </svg>
  );

const line = (d: string): JSX.Element => <path d={d} />;

export const Chat = icon(
  <>
    <path
      fill="currentColor"
      stroke="none"
      d="M12 3.2c-5.1 0-9.2 3.5-9.2 7.9 0 2.4 1.3 4.6 3.3 6.1l-.5 2.6c-.1.6.5 1.1 1.1.8l3-1.6c.7.1 1.5.2 2.3.2 5.1 0 9.2-3.5 9.2-8.1 0-4.4-4.1-7.9-9.2-7.9Z"
    />
    <path d="M8.3 12.2c.9 1.3 2.2 2 3.7 2s2.8-.7 3.7-2" stroke="var(--brand)" />
  </>,
);
export const Down = icon(line('M6 9.5l6 6 6-6'));
export const Close = icon(line('M6.5 6.5l11 11M17.5 6.5l-11 11'));
export const Picture = icon(
  <>
    <rect x="3.5" y="4.5" width="17" height="15" rx="3" />
    <circle cx="9" cy="10" r="1.6" />
    {line('M4.5 17.5l4.4-4a1.5 1.5 0 0 1 2 0l3.6 3.2 1.8-1.6a1.5 1.5 0 0 1 2 0l2 1.9')}
  </>,
);
export const Clip = icon(
  line('M19.5 11.3l-7.6 7.5a4.6 4.6 0 0 1-6.5-6.5l8-7.9a3.1 3.1 0 0 1 4.4 4.4l-7.9 7.8a1.6 1.6 0 0 1-2.3-2.2l7-6.9'),
);
export const Smile = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    {line('M8.5 14.2c.8 1.2 2 1.8 3.5 1.8s2.7-.6 3.5-1.8M9 9.6v.2M15 9.6v.2')}
  </>,
);
export const Send = icon(line('M12 19V5.5M6 11l6-6 6 6'));
export const Person = icon(
  <>
    <circle cx="12" cy="8.2" r="3.7" />
    {line('M4.8 19.5c1-3.5 3.8-5.4 7.2-5.4s6.2 1.9 7.2 5.4')}
  </>,
);
export const Bot = icon(
  <>
    <rect x="4.5" y="8" width="15" height="11" rx="4" />
    {line('M12 8V5M9.3 12.8v1.2M14.7 12.8v1.2M2.5 12.5v2.5M21.5 12.5v2.5')}
    <circle cx="12" cy="4" r="1" />
  </>,
);
export const Doc = icon(
  line('M13.5 3.5H7.5a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h9a2 2 0 0 0 2-2v-10l-5-5Zm0 0v5h5M9 13h6M9 16.5h4'),
);
export const Alert = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    {line('M12 7.8v5M12 16v.1')}
  </>,
);
export const Star = icon(
  line(
    'M12 2.9c.4 0 .7.2.9.6l2.3 4.9 5.3.7c.8.1 1.2 1.1.6 1.7l-3.9 3.7 1 5.3c.1.8-.7 1.4-1.4 1L12 18.2l-4.8 2.6c-.7.4-1.5-.2-1.4-1l1-5.3-3.9-3.7c-.6-.6-.3-1.6.6-1.7l5.3-.7 2.3-4.9c.2-.4.5-.6.9-.6Z',
  ),
  true,
);
export const Pin = icon(
  <>
    {line('M12 20.5c3.8-4 6-7.2 6-10.2a6 6 0 0 0-12 0c0 3 2.2 6.2 6 10.2Z')}
    <circle cx="12" cy="10.2" r="2.2" />
  </>,
);
export const Go = icon(line('M9.5 6l6 6-6 6'));
export const Check = icon(line('M5.5 12.5l4.2 4.2 8.8-9.2'));
