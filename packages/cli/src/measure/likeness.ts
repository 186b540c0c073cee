import { levelDb, silenceDb } from '@agentao/audio';
import { type Clock, sleep } from '@agentao/clock';
import type { Recording } from './recording.ts';

/** How much of what one mouth said arrived at one ear. */
export interface Likeness {
  /** Correlation at the best delay, 0 to 1: 1 is the same waveform, above {@link recognised} it is there. */
  readonly likeness: number;
  /** The delay from the mouth to the ear, in ms. */
  readonly delayMs: number;
  /** Level at which it arrived, in dBFS. */
  readonly levelDb: number;
}

/** From this correlation on, what was said is in what was heard; unrelated speech stays below 0.2. */
export const recognised = 0.35;

/** The stretch of speech to look for, and the delays at which to look for it. */
export interface LikenessQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

const comparedRateHz = 4_000;
/** 200 ms, and 20 ms to either side. */
const blockLength = 800;
const shiftLength = 80;
/** Multiplications between two pauses, about 2 ms: phones and switch share this thread with the comparison. */
const sliceLength = 1_000_000;

/**
 * Looks for what `mouth` said between two moments in what `ear` heard, at every delay of a range. Both recordings have the
 * same rate, a multiple of 4,000 Hz. Pauses often, so that nothing else on the thread waits.
 */
export async function findSpeech(
  clock: Clock,
  recordings: { mouth: Recording; ear: Recording },
  query: LikenessQuery,
): Promise<Likeness> {
  const { mouth, ear } = recordings;
  const { fromMs, toMs, minDelayMs, maxDelayMs } = query;
  const spoken = mouth.between(fromMs, toMs);
  const said = decimate(spoken, mouth.sampleRateHz);
  const heard = decimate(ear.between(fromMs + minDelayMs, toMs + maxDelayMs), ear.sampleRateHz);
  const saidEnergy = energy(said, 0, said.length);
  let best = { likeness: 0, lag: 0 };
  let heardEnergy = energy(heard, 0, said.length);
  let sliced = 0;
  for (let lag = 0; lag + said.length <= heard.length; lag++) {
    const likeness = product(said, heard, { from: 0, to: said.length, lag }) / Math.sqrt(saidEnergy * heardEnergy + 1);
    if (likeness > best.likeness) best = { likeness, lag };
    heardEnergy += (heard[lag + said.length] ?? 0) ** 2 - (heard[lag] ?? 0) ** 2;
    sliced += said.length;
    if (sliced < sliceLength) continue;
    sliced = 0;
    await sleep(clock, 1);
  }
  const gainDb = 10 * Math.log10(arrivedEnergy(said, heard, best.lag) / (saidEnergy + 1));
  return {
    likeness: best.likeness,
    delayMs: minDelayMs + (best.lag * 1000) / comparedRateHz,
    levelDb: best.likeness === 0 ? silenceDb : Math.max(silenceDb, levelDb(spoken) + gainDb),
  };
}

/**
 * Energy of `said` in `heard`, block by block, each at its own best delay near the common one: a jitter buffer that adapts shifts
 * speech by some milliseconds while it lasts.
 */
function arrivedEnergy(said: Float32Array, heard: Float32Array, lag: number): number {
  let sum = 0;
  for (let from = 0; from < said.length; from += blockLength) {
    const to = Math.min(from + blockLength, said.length);
    let best = 0;
    for (let near = Math.max(0, lag - shiftLength); near <= lag + shiftLength; near++) {
      best = Math.max(best, product(said, heard, { from, to, lag: near }));
    }
    sum += best ** 2 / (energy(said, from, to - from) + 1);
  }
  return sum;
}

/** Averages down to 4,000 Hz; what folds down above 2,000 Hz is folded down the same way on both sides. */
function decimate(samples: Int16Array, sampleRateHz: number): Float32Array {
  const factor = sampleRateHz / comparedRateHz;
  const out = new Float32Array(Math.floor(samples.length / factor));
  for (let n = 0; n < out.length; n++) {
    let sum = 0;
    for (let k = 0; k < factor; k++) sum += samples[n * factor + k] ?? 0;
    out[n] = sum / factor;
  }
  return out;
}

function product(
  said: Float32Array,
  heard: Float32Array,
  { from, to, lag }: { readonly from: number; readonly to: number; readonly lag: number },
): number {
  let sum = 0;
  for (let n = from; n < to; n++) sum += (said[n] ?? 0) * (heard[n + lag] ?? 0);
  return sum;
}

function energy(samples: Float32Array, from: number, count: number): number {
  let sum = 0;
  for (let n = from; n < from + count; n++) sum += (samples[n] ?? 0) ** 2;
  return sum;
}
