import type { SampleRateHz } from './pcm.ts';
import { tone, type ToneSource } from './tone.ts';

/** Options of {@link createRingback}. */
export interface RingbackOptions {
  readonly sampleRateHz: SampleRateHz;
  /** RMS level of the tone as `levelDb` reads it; -20 unless given. */
  readonly levelDb?: number;
}

const frequencyHz = 425;
const onSeconds = 1;
const offSeconds = 4;

/**
 * Makes the tone that a caller hears while the other side rings: 425 Hz, 1 s on and 4 s off, beginning with on. ITU-T E.180 puts it at
 * 400-450 Hz, 0.67-1.5 s on, 3-5 s off.
 */
export function createRingback(options: RingbackOptions): ToneSource {
  const { sampleRateHz, levelDb = -20 } = options;
  const onSamples = onSeconds * sampleRateHz;
  const cycleSamples = (onSeconds + offSeconds) * sampleRateHz;
  // 425 Hz comes back to phase 0 every 40 ms at every telephone rate, and at the end of the second it is on.
  const period = tone({ frequencyHz, sampleRateHz, levelDb, durationMs: 40 });
  let position = 0;

  return {
    fill(out) {
      for (let i = 0; i < out.length; i++) {
        out[i] = position < onSamples ? (period[position % period.length] as number) : 0;
        position = position + 1 === cycleSamples ? 0 : position + 1;
      }
    },
  };
}
