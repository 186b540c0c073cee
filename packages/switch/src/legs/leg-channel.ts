import { createJitterBuffer, createResampler, jitterDelayMs } from '@agentao/audio';
import { busRateHz, tickMs, ticksPerSecond } from '../media/bus.ts';
import type { Leg } from './leg.ts';

/**
 * For how long a change of the matrix rings on, in milliseconds: at the ear of a leg that is not at the bus rate (its resampler), and in what
 * a leg said before it (its jitter buffer, one tick, two resamplers). A leg at the bus rate hears a change exactly.
 */
export const legTailMs: { readonly output: number; readonly input: number } = {
  output: 6,
  input: jitterDelayMs.max + 20 + 12,
};

/** The edge between a leg and the bus: jitter buffer and resampler in, resampler out. */
export interface LegChannel {
  /** PCM from the phone at the leg's rate; copied. */
  push(samples: Int16Array, position: number): void;
  /** Fills one tick of the bus with what the phone said. */
  pull(bus: Int16Array): void;
  /** Plays one tick of the bus to the phone. */
  play(bus: Int16Array): void;
  /** Ticks were left out. */
  skip(ticks: number): void;
}

/** Makes the channel of a leg. Throws `RangeError` for a rate that has no whole ticks or that the resampler does not know. */
export function createLegChannel(leg: Leg): LegChannel {
  const rateHz = leg.sampleRateHz;
  const jitter = createJitterBuffer({ sampleRateHz: rateHz, tickMs });
  const skip = (ticks: number): void => leg.skip?.((ticks * rateHz) / ticksPerSecond);
  if (rateHz === busRateHz) {
    return {
      push: (samples, position) => jitter.push(samples, position),
      pull: (bus) => jitter.pull(bus),
      play: (bus) => leg.play(bus),
      skip,
    };
  }
  const said = new Int16Array(rateHz / ticksPerSecond);
  const toBus = createResampler({ inputRateHz: rateHz, outputRateHz: busRateHz });
  const toLeg = createResampler({ inputRateHz: busRateHz, outputRateHz: rateHz });
  return {
    push: (samples, position) => jitter.push(samples, position),
    pull: (bus) => {
      jitter.pull(said);
      toBus.processInto(said, bus);
    },
    play: (bus) => leg.play(toLeg.process(bus)),
    skip,
  };
}
