/** Where to look: earlier (-1) or later (1) than the place itself, by how much, and the length of what is compared; in samples. */
export interface LagSearch {
  readonly direction: 1 | -1;
  readonly minLag: number;
  readonly maxLag: number;
  readonly compare: number;
}

/**
 * The lag at which `line` looks most like it does from `at` on: the least squared difference over `compare` samples.
 * The line must reach from `at - maxLag` or to `at + maxLag + compare`.
 */
export function closestLag(line: Int16Array, at: number, { direction, minLag, maxLag, compare }: LagSearch): number {
  let best = minLag;
  let bestDifference = Number.POSITIVE_INFINITY;
  for (let lag = minLag; lag <= maxLag; lag++) {
    const other = at + direction * lag;
    let difference = 0;
    for (let i = 0; i < compare && difference < bestDifference; i++) {
      const distance = (line[at + i] as number) - (line[other + i] as number);
      difference += distance * distance;
    }
    if (difference < bestDifference) {
      bestDifference = difference;
      best = lag;
    }
  }
  return best;
}

/** Whether no sample of `line` from `from` to `to` (exclusive) is louder than `peak`. */
export function isQuiet(line: Int16Array, from: number, to: number, peak: number): boolean {
  for (let i = from; i < to; i++) {
    const sample = line[i] as number;
    if (sample > peak || sample < -peak) return false;
  }
  return true;
}
