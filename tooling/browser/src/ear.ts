import { levelDb, silenceDb, toneLevelDb } from '@agentao/audio';

/** A stretch of what an ear has heard, from its first sample on. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What somebody has heard so far, as samples and measures of them. */
export interface Ear {
  readonly sampleRateHz: number;
  readonly heardMs: number;
  /** From `fromMs` on, to now. */
  readonly samples: (fromMs?: number) => Int16Array;
  /**
   * Level of a tone that belongs there, in dBFS: the median of windows of half a second, so that neither a correction of drift in one
   * of them nor a short hold-up of the machine passes for its absence. -120 for less than half a second.
   */
  readonly levelDb: (frequencyHz: number, stretch: Stretch) => number;
  /**
   * Level of a tone that does not belong there, in dBFS: the loudest of overlapping windows of 200 ms. A window in which the
   * frequencies beside it are as loud holds no tone: where a drift of clocks is corrected or a late frame is made up, every other tone
   * jumps in its phase, and that splashes over all frequencies alike, while a tone that leaks for some 20 ms or more stands out.
   */
  readonly leakDb: (frequencyHz: number, stretch: Stretch) => number;
  /** Milliseconds of a stretch in which it is all but silent. */
  readonly silentMs: (stretch: Stretch) => number;
  /**
   * Where a tone that is heard alone breaks, in ms: it jumps in its phase, or its level leaves the median of the stretch. A lost frame
   * breaks it, also one that is made up for, since that fades; a correction of drift leaves out whole periods and does not.
   */
  readonly breaksMs: (frequencyHz: number, stretch: Stretch) => readonly number[];
}

const toneWindowMs = 500;
const leakWindowMs = 200;
const leakHopMs = 100;
const besideHz = [-85, -60, -35, 35, 60, 85];
const standsOutDb = 6;
const shortWindowMs = 5;
const silentBelowDb = -40;
const breakDb = 1;
const breakRad = 0.3;
/** Breaks closer together are one. */
const oneBreakMs = 50;

/**
 * An ear that has heard `all`; nothing is copied. What was recorded in blocks of `blockSamples` may be torn by the recording where
 * they meet: no break is looked for there.
 */
export function createEar(all: Int16Array, sampleRateHz: number, blockSamples: number = Number.POSITIVE_INFINITY): Ear {
  const blockMs = (blockSamples * 1000) / sampleRateHz;
  /** Whether two blocks meet in the window that begins there, or in the one before. */
  const isSeam = (ms: number): boolean =>
    Math.floor((ms + shortWindowMs) / blockMs) > Math.floor((ms - shortWindowMs) / blockMs);
  const at = (ms: number): number => Math.min(all.length, Math.max(0, Math.round((ms * sampleRateHz) / 1000)));
  const cut = (fromMs: number, toMs: number): Int16Array => all.subarray(at(fromMs), at(toMs));
  const toneDb = (samples: Int16Array, frequencyHz: number): number =>
    toneLevelDb(samples, { frequencyHz, sampleRateHz });
  const windows = ({ fromMs, toMs }: Stretch, lengthMs: number, hopMs = lengthMs): readonly Int16Array[] => {
    const found: Int16Array[] = [];
    const endMs = Math.min(toMs, (all.length * 1000) / sampleRateHz) + 1e-6;
    for (let ms = fromMs; ms + lengthMs <= endMs; ms += hopMs) found.push(cut(ms, ms + lengthMs));
    return found;
  };
  return {
    sampleRateHz,
    heardMs: (all.length * 1000) / sampleRateHz,
    samples: (fromMs = 0) => cut(fromMs, Number.POSITIVE_INFINITY),
    levelDb: (frequencyHz, stretch) =>
      median(windows(stretch, toneWindowMs).map((samples) => toneDb(samples, frequencyHz))),
    leakDb: (frequencyHz, stretch) => {
      let loudestDb = silenceDb;
      for (const samples of windows(stretch, leakWindowMs, leakHopMs)) {
        const db = toneDb(samples, frequencyHz);
        if (db <= loudestDb) continue;
        const besideDb = Math.max(...besideHz.map((offsetHz) => toneDb(samples, frequencyHz + offsetHz)));
        if (db - besideDb > standsOutDb) loudestDb = db;
      }
      return loudestDb;
    },
    silentMs: (stretch) =>
      windows(stretch, shortWindowMs).filter((samples) => levelDb(samples) < silentBelowDb).length * shortWindowMs,
    breaksMs: (frequencyHz, stretch) => {
      const tones = windows(stretch, shortWindowMs).map((samples) => toneOf(samples, frequencyHz / sampleRateHz));
      const usualDb = median(tones.map(({ db }) => db));
      const breaks: number[] = [];
      tones.forEach(({ db, startRad }, i) => {
        const dueRad = tones[i - 1]?.endRad ?? startRad;
        const jumpRad = Math.abs(Math.atan2(Math.sin(startRad - dueRad), Math.cos(startRad - dueRad)));
        if (Math.abs(db - usualDb) < breakDb && jumpRad < breakRad) return;
        const ms = stretch.fromMs + i * shortWindowMs;
        if (!isSeam(ms) && ms - (breaks.at(-1) ?? Number.NEGATIVE_INFINITY) > oneBreakMs) breaks.push(ms);
      });
      return breaks;
    },
  };
}

/** The longest part of a stretch without a break, in ms. */
export function longestUnbrokenMs(breaksMs: readonly number[], { fromMs, toMs }: Stretch): number {
  const edges = [fromMs, ...breaksMs, toMs];
  return Math.max(...edges.slice(1).map((edge, i) => edge - (edges[i] ?? edge)));
}

function median(levels: readonly number[]): number {
  return levels.toSorted((a, b) => a - b)[Math.floor(levels.length / 2)] ?? silenceDb;
}

/** Level and phase of the tone that a few periods are, by correlation; `cycles` per sample. */
function toneOf(
  samples: Int16Array,
  cycles: number,
): { readonly db: number; readonly startRad: number; readonly endRad: number } {
  const stepRad = 2 * Math.PI * cycles;
  let re = 0;
  let im = 0;
  samples.forEach((sample, i) => {
    re += sample * Math.cos(stepRad * i);
    im -= sample * Math.sin(stepRad * i);
  });
  const startRad = Math.atan2(im, re);
  return { db: levelDb(samples), startRad, endRad: startRad + stepRad * samples.length };
}
