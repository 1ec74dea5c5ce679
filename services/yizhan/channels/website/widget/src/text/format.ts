import type { Lang } from './lang';

const DAY_MS = 86_400_000;
const midnight = (at: Date): number => new Date(at).setHours(0, 0, 0, 0);

/** When something was said, as short as it can be told from now. Empty for a time that is none. */
export function clockTime(at: number, now: number, lang: Lang): string {
  const date = new Date(at);
  if (Number.isNaN(at)) return '';
  const today = new Date(now);
  const days = Math.round((midnight(today) - midnight(date)) / DAY_MS);
  const time: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  if (days === 0) return date.toLocaleTimeString(lang, time);
  if (days === 1) return `${lang === 'en' ? 'Yesterday' : '昨天'} ${date.toLocaleTimeString(lang, time)}`;
  const day: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', ...time };
  if (date.getFullYear() !== today.getFullYear()) day.year = 'numeric';
  return date.toLocaleString(lang, day);
}

const NO_DIGITS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF';
const THREE_DIGITS = 'BHD IQD JOD KWD LYD OMR TND';

/** Digits after the point as the gateway has them (`core/messages/money.py`): browsers count a few currencies otherwise. */
function digitsOf(currency: string): number {
  if (NO_DIGITS.includes(currency)) return 0;
  return THREE_DIGITS.includes(currency) ? 3 : 2;
}

/** An amount in the currency's minor unit, as people write it. */
export function money(minor: number, currency: string, lang: Lang): string {
  const digits = digitsOf(currency);
  const amount = minor / 10 ** digits;
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  try {
    const format = { style: 'currency', currency, currencyDisplay: 'narrowSymbol', ...shown } as const;
    return new Intl.NumberFormat(lang, format).format(amount);
  } catch {
    return `${currency} ${amount.toFixed(digits)}`; // not a currency that the browser knows
  }
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace('.0', '')} MB`;
}
