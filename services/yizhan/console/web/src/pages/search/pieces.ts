/** An excerpt in pieces, those that were asked for marked. Places are counted in code points, which JavaScript's are not. */

export interface Piece {
  text: string
  hit: boolean
}

export function piecesOf(excerpt: string, hits: readonly (readonly [number, number])[]): Piece[] {
  const characters = [...excerpt]
  const pieces: Piece[] = []
  let at = 0
  const add = (end: number, hit: boolean) => {
    if (end > at) pieces.push({ text: characters.slice(at, end).join(''), hit })
    at = Math.max(at, end)
  }
  for (const [start, end] of hits) {
    add(start, false)
    add(end, true)
  }
  add(characters.length, false)
  return pieces
}
