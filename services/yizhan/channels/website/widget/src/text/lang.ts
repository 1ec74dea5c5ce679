export type Lang = 'zh-CN' | 'en';

/** The first wish that is a language we speak; Chinese pages are the usual ones. */
export function chooseLang(...wishes: (string | null | undefined)[]): Lang {
  for (const wish of wishes) {
    if (/^zh\b/i.test(wish ?? '')) return 'zh-CN';
    if (/^en\b/i.test(wish ?? '')) return 'en';
  }
  return wishes.some((wish) => wish && wish !== 'auto') ? 'en' : 'zh-CN';
}
