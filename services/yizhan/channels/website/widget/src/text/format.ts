import type { Lang } from './i18n';

const two = (value: number): string => String(value).padStart(2, '0');
const midnight = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
const DAY_MS = 86_400_000;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** When something was said, as short as it can be told from now. Empty for a time that is none. */
export function clockTime(at: number, now: number, lang: Lang): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  const today = new Date(now);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  const days = Math.round((midnight(today) - midnight(date)) / DAY_MS);
  if (days === 0) return time;
  const zh = lang === 'zh-CN';
  if (days === 1) return `${zh ? '昨天' : 'Yesterday'} ${time}`;
  const [year, month, day] = [date.getFullYear(), date.getMonth(), date.getDate()];
  const sameYear = year === today.getFullYear();
  if (zh) return `${sameYear ? '' : `${year}年`}${month + 1}月${day}日 ${time}`;
  return `${MONTHS[month]} ${day}${sameYear ? '' : `, ${year}`}, ${time}`;
}

const SYMBOLS: Record<string, string> = { CNY: '¥', USD: '$', EUR: '€', GBP: '£', HKD: 'HK$', TWD: 'NT$', JPY: 'JP¥' };
const WITHOUT_MINOR = ['JPY', 'KRW', 'VND'];

/** An amount in the currency's minor unit, as people write it. */
export function money(minor: number, currency: string): string {
  const digits = WITHOUT_MINOR.includes(currency) ? 0 : 2;
  const [whole = '0', cents] = (Math.abs(minor) / 10 ** digits).toFixed(digits).split('.');
  const amount = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (cents ? `.${cents}` : '');
  return `${minor < 0 ? '-' : ''}${SYMBOLS[currency] ?? `${currency} `}${amount}`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1).replace('.0', '')} MB`;
}

/** What stands in a round picture: two characters of a Chinese name, the initials of another. */
export function initials(name: string): string {
  const trimmed = name.trim();
  if (/[\u3400-\u9fff]/.test(trimmed)) return [...trimmed].slice(-2).join('');
  const words = trimmed.split(/\s+/).filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .join('');
}
