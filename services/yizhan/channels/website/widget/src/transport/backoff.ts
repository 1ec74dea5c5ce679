/** Waits between connection attempts: 1–2 s, 2–4 s … 15–30 s, spread so that a restart is not met by a crowd. */

export const SHORTEST_MS = 1_000;
export const LONGEST_MS = 30_000;

export function backoff(attempt: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** Math.max(1, attempt));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
