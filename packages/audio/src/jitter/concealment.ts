import { closestLag } from './lag-search.ts';

/** Goes on with a signal that has broken off: its last period again and again, fading to silence. */
export interface Concealment {
  readonly active: boolean;
  /** Begins after `line[end - 1]`. Looks back at most `maxLag` and the longer of `compare` and `maxLag`. */
  begin(line: Int16Array, end: number): void;
  /** The next made-up sample. */
  next(): number;
  /** The signal is back. */
  end(): void;
}

/** Lags in samples, inclusive, and the length of what is compared. */
export interface ConcealmentOptions {
  readonly minLag: number;
  readonly maxLag: number;
  readonly compare: number;
  /** Samples until silence. */
  readonly fadeSamples: number;
}

/** Makes a concealment; nothing is allocated after this. */
export function createConcealment({ minLag, maxLag, compare, fadeSamples }: ConcealmentOptions): Concealment {
  const pattern = new Float64Array(maxLag);
  let active = false;
  let period = minLag;
  let phase = 0;
  let count = 0;
  let offset = 0;

  return {
    get active() {
      return active;
    },
    begin(line, end) {
      active = true;
      period = closestLag(line, end - compare, { direction: -1, minLag, maxLag, compare });
      const start = end - period;
      for (let i = 0; i < period; i++) {
        // Towards its end the pattern turns into what came before its beginning, so that it repeats without a seam.
        const share = Math.max(0, (i - period + minLag + 1) / minLag);
        pattern[i] = (line[start + i] as number) * (1 - share) + (line[start + i - period] as number) * share;
      }
      phase = 0;
      count = 0;
      // The period fits closely, never exactly: what is left over at the seam fades along.
      offset = (line[end - 1] as number) - (line[end - 1 - period] as number);
    },
    next() {
      if (count >= fadeSamples) return 0;
      const value = ((pattern[phase] as number) + offset) * (1 - count / fadeSamples);
      offset *= 0.98;
      phase = phase + 1 === period ? 0 : phase + 1;
      count++;
      return value;
    },
    end() {
      active = false;
    },
  };
}
