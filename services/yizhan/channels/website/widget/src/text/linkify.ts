/** Addresses in text, without ever producing markup: the caller renders the pieces. */

export interface Piece {
  text: string;
  /** Set for http(s) addresses only. */
  href?: string;
}

// Chinese text runs on without spaces, so an address ends at CJK characters and full-width punctuation, too.
const ADDRESS = /https?:\/\/[^\s<>"'`“”‘’「」『』\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]+/gi;
const TRAILING = '.,;:!?…、。*_~';
const OPENING = '([{';
const CLOSING = ')]}';

/** Trailing punctuation belongs to the sentence, a closing bracket to the address only if it opened there. */
function trim(address: string): string {
  let unopened = 0;
  for (const char of address) unopened += Number(CLOSING.includes(char)) - Number(OPENING.includes(char));
  let end = address.length;
  for (; end > 0; end -= 1) {
    const last = address.charAt(end - 1);
    if (CLOSING.includes(last) && unopened > 0) unopened -= 1;
    else if (!TRAILING.includes(last)) break;
  }
  return address.slice(0, end);
}

/** A usable web address, or null: no javascript:, no data:, nothing that only looks like one. */
export function safeUrl(address: string, base?: string): string | null {
  try {
    const url = new URL(address, base);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

export function linkify(text: string): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trim(match[0]);
    const href = safeUrl(address);
    if (!href || !/^https?:\/\/[^/]/i.test(address)) continue;
    if (match.index > done) pieces.push({ text: text.slice(done, match.index) });
    pieces.push({ text: address, href });
    done = match.index + address.length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done) });
  return pieces;
}
