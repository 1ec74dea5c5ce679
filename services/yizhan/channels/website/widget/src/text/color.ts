/** The business's colour, kept readable. */

type Rgb = [number, number, number];

const parse = (color: string): Rgb | null => {
  const hex = /^#?([\da-f]{3}|[\da-f]{6})$/i.exec(color.trim())?.[1];
  if (!hex) return null;
  const full = hex.length === 3 ? hex.replace(/./g, '$&$&') : hex;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)) as Rgb;
};

const write = (rgb: Rgb): string => `#${rgb.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;

const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const WHITE: Rgb = [255, 255, 255];
const mix = (a: Rgb, b: Rgb, share: number): Rgb => a.map((part, at) => part + ((b[at] ?? 0) - part) * share) as Rgb;

/** The WCAG contrast of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(parse(a) ?? WHITE), luminance(parse(b) ?? WHITE)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

export const DEFAULT_COLOR = '#1769e0';
const DARK_INK = '#10201d';
const AA = 4.5;
/** On a dark panel a colour just above AA looks like something that is switched off. */
const LIT = 6;

export interface Palette {
  /** Surfaces in the business's colour, as given. */
  brand: string;
  /** Text on such a surface. */
  ink: string;
  /** The colour as text on white and on the panel's light grey. */
  link: string;
  /** The same on the dark panel. */
  linkDark: string;
}

function towards(color: Rgb, other: Rgb, enough: (color: string) => boolean): string {
  for (let share = 0; share < 1; share += 0.05) {
    const next = write(mix(color, other, share));
    if (enough(next)) return next;
  }
  return write(other);
}

/** The same hue as bright as it goes, and whiter only where that is not enough. */
function lit(color: Rgb, enough: (color: string) => boolean): string {
  const most = Math.max(...color);
  const brightest = most > 0 ? (color.map((part) => (part * 255) / most) as Rgb) : WHITE;
  const found = towards(color, brightest, enough);
  return enough(found) ? found : towards(brightest, WHITE, enough);
}

/** Colours with at least AA contrast out of any colour; the default where the given one is none. */
export function palette(color: string): Palette {
  const rgb = parse(color) ?? (parse(DEFAULT_COLOR) as Rgb);
  const brand = write(rgb);
  const white = contrast(brand, '#ffffff') >= AA || contrast(brand, '#ffffff') > contrast(brand, DARK_INK);
  const ink = white ? '#ffffff' : DARK_INK;
  return {
    brand: white ? towards(rgb, [0, 0, 0], (one) => contrast(one, ink) >= AA) : brand,
    ink,
    link: towards(rgb, [0, 0, 0], (one) => contrast(one, '#f4f5f7') >= AA),
    linkDark: lit(rgb, (one) => contrast(one, '#26292e') >= LIT),
  };
}
