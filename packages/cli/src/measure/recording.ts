import { levelDb } from '@agentao/audio';

/** What one ear heard, or one mouth said, laid out by position and tied to the clock. Holds mono PCM. */
export interface Recording {
  readonly sampleRateHz: number;
  /** When its first sample was there, on the clock; `undefined` while it is empty. */
  readonly startedMs: number | undefined;
  /** Binary messages written. */
  readonly frames: number;
  /** Times that samples were missing between two messages; they stay zero in the recording. */
  readonly gaps: number;
  /** Longest time between two messages, in ms. */
  readonly longestWaitMs: number;
  /** Adds `samples` at `position`, whose first sample was there at `atMs` of the clock. Copies. Beyond the bound it is dropped. */
  write(samples: Int16Array, position: number, atMs: number): void;
  /** A copy of the samples between two moments of the clock; zero where nothing was written. */
  between(fromMs: number, toMs: number): Int16Array;
  /** Level between two moments in dBFS, -120 for silence. */
  levelDb(fromMs: number, toMs: number): number;
  /** The first moment from `fromMs` on, up to `toMs`, at which something louder than `thresholdDb` sounds. */
  firstLoudMs(fromMs: number, options?: LoudOptions): number | undefined;
  /** The end of the last such moment. */
  lastLoudMs(fromMs: number, options?: LoudOptions): number | undefined;
  /** Everything, from the first sample on: a view, valid until the next write. */
  all(): Int16Array;
}

/** Where a search for sound ends, and what counts as sound. */
export interface LoudOptions {
  /** Default: the end of the recording. */
  readonly toMs?: number;
  /** Default -60 dBFS. */
  readonly thresholdDb?: number;
}

/** What a recording is made of. */
export interface RecordingOptions {
  readonly sampleRateHz: number;
  /** Longest recording; what comes later is dropped. Default five minutes. */
  readonly maxMs?: number;
}

const searchStepMs = 5;

/** Makes an empty recording. Its position 0 is the first position it is given. */
export function createRecording({ sampleRateHz, maxMs = 300_000 }: RecordingOptions): Recording {
  const samplesPerMs = sampleRateHz / 1000;
  const maxSamples = Math.round(maxMs * samplesPerMs);
  let store = new Int16Array(sampleRateHz);
  let length = 0;
  let firstPosition: number | undefined;
  let originMs = Number.POSITIVE_INFINITY;
  let frames = 0;
  let gaps = 0;
  let lastWriteMs: number | undefined;
  let longestWaitMs = 0;

  const reserve = (samples: number): void => {
    if (samples <= store.length) return;
    const larger = new Int16Array(Math.min(maxSamples, Math.max(samples, store.length * 2)));
    larger.set(store.subarray(0, length));
    store = larger;
  };

  const indexAt = (atMs: number): number => Math.round((atMs - originMs) * samplesPerMs);

  const view = (from: number, to: number): Int16Array =>
    store.subarray(Math.max(0, Math.min(from, length)), Math.max(0, Math.min(to, length)));

  /** The start of the first loud step of a range, or the end of its last one. */
  const findLoud = (
    fromMs: number,
    { toMs, thresholdDb = -60 }: LoudOptions,
    backwards: boolean,
  ): number | undefined => {
    if (length === 0) return undefined;
    const step = Math.round(searchStepMs * samplesPerMs);
    const from = Math.max(0, indexAt(fromMs));
    const to = Math.min(length, toMs === undefined ? length : indexAt(toMs));
    const steps = Math.ceil((to - from) / step);
    for (let n = 0; n < steps; n++) {
      const start = from + (backwards ? steps - 1 - n : n) * step;
      const end = Math.min(start + step, to);
      if (levelDb(view(start, end)) > thresholdDb) return originMs + (backwards ? end : start) / samplesPerMs;
    }
    return undefined;
  };

  return {
    sampleRateHz,
    get startedMs() {
      return length === 0 ? undefined : originMs;
    },
    get frames() {
      return frames;
    },
    get gaps() {
      return gaps;
    },
    get longestWaitMs() {
      return longestWaitMs;
    },
    write: (samples, position, atMs) => {
      firstPosition ??= position;
      const index = position - firstPosition;
      const end = index + samples.length;
      frames++;
      if (lastWriteMs !== undefined) longestWaitMs = Math.max(longestWaitMs, atMs - lastWriteMs);
      lastWriteMs = atMs;
      if (index < length || end > maxSamples) return;
      if (index > length) gaps++;
      // A message may come late but never early: the earliest one tells when the recording began.
      originMs = Math.min(originMs, atMs - index / samplesPerMs);
      reserve(end);
      store.set(samples, index);
      length = end;
    },
    between: (fromMs, toMs) => {
      const wanted = new Int16Array(Math.max(0, Math.round((toMs - fromMs) * samplesPerMs)));
      if (length === 0) return wanted;
      const from = indexAt(fromMs);
      const found = view(from, from + wanted.length);
      if (found.length > 0) wanted.set(found, Math.max(0, -from));
      return wanted;
    },
    levelDb: (fromMs, toMs) => (length === 0 ? -120 : levelDb(view(indexAt(fromMs), indexAt(toMs)))),
    firstLoudMs: (fromMs, options = {}) => findLoud(fromMs, options, false),
    lastLoudMs: (fromMs, options = {}) => findLoud(fromMs, options, true),
    all: () => store.subarray(0, length),
  };
}
