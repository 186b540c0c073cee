import { dbToAmplitude } from './level.ts';

/** An endless signal: each `fill` goes on where the last one ended. */
export interface ToneSource {
  /** Overwrites all of `out` with the next samples. */
  fill(out: Int16Array): void;
}

/** One or several sines of equal level, each starting at phase 0. */
export interface ToneOptions {
  /** A frequency, or several that sound together; above 0 and below half the sample rate. */
  readonly frequencyHz: number | readonly number[];
  readonly sampleRateHz: number;
  /** RMS level of each sine as `levelDb` reads it; -20 unless given. One sine reaches full scale at -3.01. */
  readonly levelDb?: number;
}

/** Makes a phase-continuous tone. Throws `RangeError` for a frequency out of range; what exceeds full scale saturates. */
export function createTone(options: ToneOptions): ToneSource {
  const { frequencyHz, sampleRateHz, levelDb = -20 } = options;
  const frequencies = typeof frequencyHz === 'number' ? [frequencyHz] : frequencyHz;
  for (const frequency of frequencies) requireFrequency(frequency, sampleRateHz);
  const amplitude = dbToAmplitude(levelDb) * Math.SQRT2;
  // Phases in turns, kept below one turn so that their precision does not fade in a long call.
  const steps = Float64Array.from(frequencies, (frequency) => frequency / sampleRateHz);
  const phases = new Float64Array(steps.length);

  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) {
        let sum = 0;
        for (let k = 0; k < steps.length; k++) {
          const phase = phases[k] as number;
          sum += Math.sin(2 * Math.PI * phase);
          const next = phase + (steps[k] as number);
          phases[k] = next >= 1 ? next - 1 : next;
        }
        out[i] = Math.max(-32768, Math.min(Math.round(amplitude * sum), 32767));
      }
    },
  };
}

/** `durationMs` of a tone as {@link createTone} makes it, in a new array. */
export function tone(options: ToneOptions & { readonly durationMs: number }): Int16Array {
  const samples = new Int16Array(Math.round((options.durationMs * options.sampleRateHz) / 1000));
  createTone(options).fill(samples);
  return samples;
}

/** Throws `RangeError` unless the frequency lies between 0 and half the sample rate. */
export function requireFrequency(frequencyHz: number, sampleRateHz: number): void {
  if (!(frequencyHz > 0 && frequencyHz < sampleRateHz / 2)) {
    throw new RangeError(`frequencyHz must lie between 0 and half of ${sampleRateHz}, got ${frequencyHz}`);
  }
}
