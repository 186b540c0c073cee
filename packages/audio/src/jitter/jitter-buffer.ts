import { createConcealment } from './concealment.ts';
import { createDelayControl } from './delay-control.ts';
import { closestLag, isQuiet } from './lag-search.ts';

/** Bounds of what a jitter buffer holds before a tick, in milliseconds: what it aims for at the least, and what it never exceeds. */
export const jitterDelayMs: { readonly target: 40; readonly max: 120 } = { target: 40, max: 120 };

/** Rate of what comes in and goes out, in Hz, and the length of one tick, by default 20 ms. */
export interface JitterBufferOptions {
  readonly sampleRateHz: number;
  readonly tickMs?: number;
}

/** What a jitter buffer did so far, in samples at its rate. */
export interface JitterStats {
  /** Missing according to the positions. */
  readonly lost: number;
  /** Made up because nothing was there in time. */
  readonly concealed: number;
  /** Left out or dropped to correct drift or delay. */
  readonly dropped: number;
  /** Repeated to correct drift or delay. */
  readonly inserted: number;
}

/**
 * Takes the PCM of a phone as it comes and gives it out tick by tick. It waits as long as jitter demands, conceals what is lost or late, and
 * follows the phone's clock: by leaving out or repeating a little in silence, or, if there is none, one period of the sound.
 */
export interface JitterBuffer {
  /** What it holds now. */
  readonly queuedMs: number;
  readonly stats: JitterStats;
  /** Takes any number of samples; copies. Overflow policy: the oldest are dropped. */
  push(samples: Int16Array, position: number): void;
  /** Fills `into`, which is one tick long. */
  pull(into: Int16Array): void;
}

const queueMs = 400;
const fadeMs = 5;
const minLagMs = 2.5;
const maxLagMs = 15;
const compareMs = 10;
const concealFadeMs = 40;
/** After so much made-up sound the phone is taken to pause, and the buffer fills up anew. */
const pauseMs = 200;
/** A larger step back is a phone that counts anew, not a repetition. */
const restartMs = 1000;
/** Peak of what counts as silence, -50 dBFS. */
const quietPeak = 104;
/** How long a correction waits for silence. */
const patienceTicks = 100;

/** Makes an empty jitter buffer. Throws `RangeError` where a tick is not a whole number of samples. */
export function createJitterBuffer({ sampleRateHz, tickMs = 20 }: JitterBufferOptions): JitterBuffer {
  const samplesOf = (ms: number): number => Math.round((ms * sampleRateHz) / 1000);
  const tick = (tickMs * sampleRateHz) / 1000;
  if (!Number.isSafeInteger(tick) || tick < 1) {
    throw new RangeError(`a tick is not a whole number of samples at ${sampleRateHz} Hz`);
  }
  const target = samplesOf(jitterDelayMs.target);
  const max = samplesOf(jitterDelayMs.max);
  const fade = samplesOf(fadeMs);
  const minLag = samplesOf(minLagMs);
  const maxLag = samplesOf(maxLagMs);
  const compare = samplesOf(compareMs);
  const pauseAfter = samplesOf(pauseMs);
  const restart = samplesOf(restartMs);
  const capacity = samplesOf(queueMs);
  /** Enough for a concealment to look back from `read`, even after a repetition has moved that back. */
  const past = 3 * maxLag + compare + 1;

  /** Samples given out, then from `read` those that wait, up to `write`. */
  const line = new Int16Array(past + 2 * capacity);
  let read = past;
  let write = past;
  /** What would have come next before the reading position moved; faded out while the new place fades in. */
  const bridge = new Int16Array(fade);
  let bridged = false;

  const concealment = createConcealment({ minLag, maxLag, compare, fadeSamples: samplesOf(concealFadeMs) });
  let blended = 0;
  const control = createDelayControl({ target, dropFrom: samplesOf(5), windowTicks: 50, windows: 5 });
  let filling = true;
  let expected: number | undefined;
  /** Concealed since the last sample that came. */
  let owed = 0;
  const stats = { lost: 0, concealed: 0, dropped: 0, inserted: 0 };

  const makeRoom = (count: number): void => {
    if (write + count <= line.length || read <= past) return;
    line.copyWithin(0, read - past, write);
    write -= read - past;
    read = past;
  };

  const captureBridge = (): void => {
    if (bridged) return;
    for (let i = 0; i < fade; i++) bridge[i] = read + i < write ? (line[read + i] as number) : 0;
    bridged = true;
  };

  const drop = (count: number): void => {
    captureBridge();
    read += count;
    stats.dropped += count;
  };

  const repeat = (count: number): void => {
    captureBridge();
    read -= count;
    stats.inserted += count;
  };

  const conceal = (count: number): void => {
    makeRoom(count);
    if (!concealment.active || blended > 0) concealment.begin(line, write);
    blended = 0;
    for (let i = 0; i < count; i++) line[write++] = concealment.next();
  };

  const append = (samples: Int16Array, from: number): void => {
    const start = Math.max(from, samples.length - capacity);
    const count = samples.length - start;
    stats.dropped += start - from;
    const excess = write - read + count - capacity;
    if (excess > 0) drop(excess);
    makeRoom(count);
    if (start === 0 && !concealment.active) {
      line.set(samples, write);
      write += count;
      return;
    }
    for (let i = start; i < samples.length; i++) {
      let sample = samples[i] as number;
      if (concealment.active) {
        sample = mixAt(concealment.next(), sample, ++blended / fade);
        if (blended >= fade) concealment.end();
      }
      line[write++] = sample;
    }
  };

  /** Brings the delay nearer to its target, if this tick is a good moment. */
  const correct = (): void => {
    const { wanted } = control;
    if (wanted === 0) return;
    const lag = wanted > 0 ? dropLag(wanted) : repeatLag(-wanted);
    if (lag === 0) return;
    if (wanted > 0) drop(lag);
    else repeat(lag);
    control.corrected(wanted > 0 ? lag : -lag);
  };

  const dropLag = (wanted: number): number => {
    const room = write - read - tick - compare;
    const quietLag = Math.min(wanted, maxLag, room);
    if (quietLag >= minLag && isQuiet(line, read, read + quietLag + fade, quietPeak)) return quietLag;
    // In the midst of sound the lag is the sound's: only what can never lead below the target is dropped, lest it be inserted again.
    if (control.waitedTicks < patienceTicks || wanted < maxLag || room < maxLag) return 0;
    return closestLag(line, read, { direction: 1, minLag, maxLag, compare });
  };

  const repeatLag = (wanted: number): number => {
    if (write - read < fade) return 0;
    const quietLag = Math.min(wanted, maxLag);
    if (isQuiet(line, read - quietLag, read + fade, quietPeak)) return quietLag;
    if (control.waitedTicks < patienceTicks || write - read < compare) return 0;
    return closestLag(line, read, { direction: -1, minLag, maxLag, compare });
  };

  const startPlaying = (): void => {
    filling = false;
    control.reset();
    line.fill(0, read - past, read);
    bridge.fill(0);
    bridged = true;
  };

  const pause = (): void => {
    filling = true;
    owed = 0;
    concealment.end();
  };

  return {
    get queuedMs() {
      return ((write - read) * 1000) / sampleRateHz;
    },
    stats,

    push(samples, position) {
      let skip = 0;
      const jump = expected === undefined ? 0 : position - expected;
      if (jump > 0) {
        stats.lost += jump;
        if (filling) read = write;
        else if (jump > owed) conceal(Math.min(jump - owed, max));
      } else if (jump < 0 && -jump < restart) {
        skip = -jump;
        if (skip >= samples.length) return;
      }
      expected = position + samples.length;
      owed = 0;
      append(samples, skip);
    },

    pull(into) {
      if (filling) {
        if (write - read < target) {
          into.fill(0);
          return;
        }
        startPlaying();
      }
      if (write - read > max) drop(write - read - max + tick);
      control.observe(write - read);
      correct();
      const missing = tick - (write - read);
      if (missing > 0) {
        conceal(missing);
        owed += missing;
        stats.concealed += missing;
      }
      if (bridged) {
        bridged = false;
        for (let i = 0; i < fade; i++) {
          line[read + i] = mixAt(bridge[i] as number, line[read + i] as number, (i + 1) / (fade + 1));
        }
      }
      for (let i = 0; i < tick; i++) into[i] = line[read + i] as number;
      read += tick;
      if (owed >= pauseAfter) pause();
    },
  };
}

/** From `before` (at 0) to `after` (at 1), along a raised cosine. */
function mixAt(before: number, after: number, at: number): number {
  const share = at >= 1 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * at);
  return Math.round(before + (after - before) * share);
}
