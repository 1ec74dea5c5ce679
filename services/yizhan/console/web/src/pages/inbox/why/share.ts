/** A share as people read it; small ones are told more exactly: a threshold of 0.4 % is not none. */
export function share(value: number): string {
  const percent = value * 100
  if (percent >= 0.01 && percent < 1) return `${percent.toFixed(2)}%`
  const rounded = Math.round(percent * 10) / 10
  return `${Number.isInteger(rounded) ? rounded : rounded.toFixed(1)}%`
}
