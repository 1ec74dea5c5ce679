/** Variables in answers, `{{name}}`, as the gateway finds them (dialogue/knowledge/variables.py). */

export interface Piece {
  text: string
  /** The variable's name; null for plain text. */
  name: string | null
}

const OPENING = /(\\*)\{\{(?:[ \t]*([\p{L}\p{N}_][\p{L}\p{N}_.-]{0,63})[ \t]*\}\})?/gu

/** The text in pieces that make it up again, each variable a piece of its own. `\{{` is not a variable. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let from = 0
  for (const match of text.matchAll(OPENING)) {
    const slashes = match[1] ?? ''
    const name = match[2]
    if (name === undefined || slashes.length % 2 === 1) continue
    const start = match.index + slashes.length
    const end = match.index + match[0].length
    if (start > from) found.push({ text: text.slice(from, start), name: null })
    found.push({ text: text.slice(start, end), name })
    from = end
  }
  if (from < text.length) found.push({ text: text.slice(from), name: null })
  return found
}

export function namesIn(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => pieces(text).flatMap((piece) => (piece.name === null ? [] : [piece.name]))))]
}

/** The names that the document `variables` gives values to: the keys at the start of its lines. */
export function definedIn(document: string): string[] {
  const keys = document.split('\n').map((line) => /^(?:"([^"]+)"|'([^']+)'|([\p{L}\p{N}_][\p{L}\p{N}_.-]*))[ \t]*:(?:\s|$)/u.exec(line))
  return [...new Set(keys.flatMap((match) => match?.[1] ?? match?.[2] ?? match?.[3] ?? []))]
}
