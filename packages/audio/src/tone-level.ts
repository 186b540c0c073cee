import { amplitudeToDb, silenceDb } from './level.ts';
import { requireFrequency } from './tone.ts';

/** The tone to measure. */
export interface ToneLevelOptions {
  readonly frequencyHz: number;
  readonly sampleRateHz: number;
}

/**
 * The RMS level in dB (as `levelDb` has it) of one frequency in `samples`, by a Goertzel filter behind a Blackman-Harris
 * window (Harris 1978, 4 terms): anything 4 / duration Hz or more away is held down by 88 dB or more. Silence gives -120. Throws `RangeError`
 * for a frequency out of range.
 */
export function toneLevelDb(samples: Int16Array, options: ToneLevelOptions): number {
  const { frequencyHz, sampleRateHz } = options;
  requireFrequency(frequencyHz, sampleRateHz);
  if (samples.length === 0) return silenceDb;
  const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / sampleRateHz);
  const windowStep = (2 * Math.PI) / samples.length;
  let last = 0;
  let beforeLast = 0;
  let gain = 0;
  for (let i = 0; i < samples.length; i++) {
    const window = blackmanHarris(Math.cos(windowStep * (i + 0.5)));
    const next = window * (samples[i] as number) + coefficient * last - beforeLast;
    beforeLast = last;
    last = next;
    gain += window;
  }
  const power = last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  return amplitudeToDb((Math.SQRT2 * Math.sqrt(Math.max(0, power))) / gain);
}

/** The window at the angle whose cosine is given; the terms of twice and three times the angle follow from it. */
function blackmanHarris(cosine: number): number {
  const cosineOfTwice = 2 * cosine * cosine - 1;
  const cosineOfThrice = cosine * (2 * cosineOfTwice - 1);
  return 0.35875 - 0.48829 * cosine + 0.14128 * cosineOfTwice - 0.01168 * cosineOfThrice;
}
