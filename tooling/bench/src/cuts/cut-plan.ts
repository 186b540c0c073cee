import type { Breakage } from './cutting-proxy.ts';

/** One loss of the media connection: when, how, and how long nobody can connect then. */
export interface Cut {
  readonly atMs: number;
  readonly breakage: Breakage;
  readonly downMs: number;
}

/** The longest time that nobody can connect. */
export const longestDownMs = 2_000;

/** Time after a cut in which nothing else happens: the longest outage, finding a half-open line out, and coming back. */
const roomMs = 3_400;

/**
 * `count` cuts within `durationMs`, the same for the same `random`: a third of them with no outage behind them, a third with one of any length,
 * a third half open. Throws a RangeError where they do not fit.
 */
export function planCuts(count: number, durationMs: number, random: () => number): Cut[] {
  const slotMs = durationMs / count;
  if (!(slotMs > roomMs)) throw new RangeError(`${count} cuts need ${(count * roomMs) / 1_000} s and more`);
  const below = (bound: number): number => Math.floor(random() * bound);
  return Array.from({ length: count }, (_, index): Cut => {
    const atMs = index * slotMs + random() * (slotMs - roomMs);
    if (index % 3 === 2) return { atMs, breakage: { kind: 'half-open' }, downMs: 0 };
    const direction = below(2) === 0 ? 'toClient' : 'toServer';
    const breakage: Breakage = { kind: 'cut', direction, bytes: 1 + below(6_000) };
    return { atMs, breakage, downMs: index % 3 === 0 ? 0 : below(longestDownMs + 1) };
  });
}
