import { tonesIn } from './spectrum.ts';
import { sampleRateHz, windowSamples } from './voices.ts';

/** What an ear heard since the last report. */
export interface EarReport {
  /** Four numbers for each stretch in which the same tones were heard: position of the first sample, windows, low tones, high tones. */
  readonly stretches: readonly number[];
  readonly samples: number;
  /** When position 0 was heard, as far as the least delayed samples tell: on the clock that all processes share. */
  readonly originMs: number;
}

/** Searches what is heard, window by window, and keeps which tones were there. */
export interface SearchingEar {
  /** Samples in order; a jump in `position` is a gap. */
  hear(samples: Int16Array, position: number): void;
  /** What came since the last report. */
  take(): EarReport;
}

/** The monotonic clock that all processes of this machine share, in milliseconds. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Makes an ear. */
export function createSearchingEar(): SearchingEar {
  const window = new Int16Array(windowSamples);
  let filled = 0;
  let next = 0;
  let samplesHeard = 0;
  let originMs = Number.POSITIVE_INFINITY;
  let stretches: number[] = [];

  const close = (from: number): void => {
    const { lows, highs } = tonesIn(window);
    const last = stretches.length - 4;
    const follows = last >= 0 && (stretches[last] as number) + (stretches[last + 1] as number) * windowSamples === from;
    if (follows && stretches[last + 2] === lows && stretches[last + 3] === highs) {
      stretches[last + 1] = (stretches[last + 1] as number) + 1;
    } else {
      stretches.push(from, 1, lows, highs);
    }
  };

  return {
    hear(samples, position) {
      if (position !== next) filled = 0;
      next = position + samples.length;
      samplesHeard += samples.length;
      originMs = Math.min(originMs, sharedNow() - (next * 1_000) / sampleRateHz);
      for (let from = 0; from < samples.length; ) {
        const count = Math.min(windowSamples - filled, samples.length - from);
        window.set(samples.subarray(from, from + count), filled);
        filled += count;
        from += count;
        if (filled < windowSamples) continue;
        close(position + from - windowSamples);
        filled = 0;
      }
    },
    take() {
      const report = { stretches, samples: samplesHeard, originMs };
      stretches = [];
      samplesHeard = 0;
      return report;
    },
  };
}
