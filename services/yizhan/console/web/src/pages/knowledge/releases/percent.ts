/** A share as people read it: `96.5 %` stays `96.5%`, whole ones have no decimals. */
export function percent(share: number): string {
  const value = Math.round(share * 1000) / 10
  return `${Number.isInteger(value) ? value : value.toFixed(1)}%`
}
