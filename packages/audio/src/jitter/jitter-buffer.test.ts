import { describe, expect, it } from 'vitest';
import { createJitterBuffer, type JitterBuffer } from './jitter-buffer.ts';

const rate = 8000;
const tick = 160;

/** One second of a tone of a whole number of hertz, to be repeated without a seam. */
function toneOf(frequencyHz: number, amplitude: number): Int16Array {
  return Int16Array.from({ length: rate }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * i) / rate)),
  );
}

/** Syllables of 160 ms with soft edges at two pitches for 2 s, then a pause of 1 s; to be repeated. */
function speechLike(): Int16Array {
  const phrase = new Int16Array(3 * rate);
  const syllable = 0.2 * rate;
  for (let i = 0; i < 2 * rate; i++) {
    const at = i % syllable;
    const shape = at < 0.16 * rate ? Math.sin((Math.PI * at) / (0.16 * rate)) ** 2 : 0;
    const pitch = Math.floor(i / syllable) % 2 === 0 ? 140 : 190;
    const angle = (2 * Math.PI * pitch * i) / rate;
    phrase[i] = Math.round(shape * (5000 * Math.sin(angle) + 2500 * Math.sin(3 * angle) + 1200 * Math.sin(7 * angle)));
  }
  return phrase;
}

/** The largest second difference of a signal that repeats: how sharp its sharpest corner is. A click is a sharper one. */
function sharpestCorner(signal: Int16Array): number {
  let sharpest = 0;
  for (let i = 2; i < signal.length + 2; i++) {
    const corner = at(signal, i) - 2 * at(signal, i - 1) + at(signal, i - 2);
    sharpest = Math.max(sharpest, Math.abs(corner));
  }
  return sharpest;
}

function at(signal: Int16Array, index: number): number {
  return signal[index % signal.length] as number;
}

interface DriftFigures {
  readonly minMs: number;
  readonly maxMs: number;
  readonly corner: number;
  readonly concealed: number;
  readonly corrected: number;
}

/** A phone `ppm` too fast speaks `source` for so long; 20 ms frames, 20 ms ticks, no jitter. */
function drift(buffer: JitterBuffer, ppm: number, source: Int16Array, seconds: number): DriftFigures {
  const frames = source.length / tick;
  const out = new Int16Array(tick);
  const frameMs = 20 / (1 + ppm * 1e-6);
  let sent = 0;
  let minMs = Number.POSITIVE_INFINITY;
  let maxMs = 0;
  let corner = 0;
  let before = 0;
  let last = 0;
  // Ticks fall between two frames, so that the order of arrival shifts only with the drift.
  for (let n = 0; n < seconds * 50; n++) {
    for (; (sent + 1) * frameMs <= n * 20 + 11; sent++) {
      const from = (sent % frames) * tick;
      buffer.push(source.subarray(from, from + tick), sent * tick);
    }
    if (n > 50) {
      minMs = Math.min(minMs, buffer.queuedMs);
      maxMs = Math.max(maxMs, buffer.queuedMs);
    }
    buffer.pull(out);
    for (let i = 0; i < tick; i++) {
      const sample = out[i] as number;
      const sharp = sample - 2 * last + before;
      if (sharp > corner || -sharp > corner) corner = Math.abs(sharp);
      before = last;
      last = sample;
    }
  }
  const { concealed, dropped, inserted } = buffer.stats;
  return { minMs, maxMs, corner, concealed, corrected: dropped - inserted };
}

describe('jitter buffer', () => {
  for (const ppm of [200, -200]) {
    const drifted = 3600 * rate * ppm * 1e-6;

    it(`follows a phone ${ppm} ppm off through an hour of speech without a click`, () => {
      const source = speechLike();
      const figures = drift(createJitterBuffer({ sampleRateHz: rate }), ppm, source, 3600);
      expect(figures.corner).toBeLessThanOrEqual(sharpestCorner(source));
      expect(figures.concealed).toBe(0);
      expect(figures.minMs).toBeGreaterThanOrEqual(20);
      expect(figures.maxMs).toBeLessThanOrEqual(60);
      expect(Math.abs(figures.corrected - drifted)).toBeLessThan(0.04 * rate);
    });

    it(`follows a phone ${ppm} ppm off through an hour of an unbroken tone without a click`, () => {
      const source = toneOf(440, 10_000);
      const figures = drift(createJitterBuffer({ sampleRateHz: rate }), ppm, source, 3600);
      expect(figures.corner).toBeLessThanOrEqual(1.02 * sharpestCorner(source) + 2);
      expect(figures.concealed).toBe(0);
      expect(figures.minMs).toBeGreaterThanOrEqual(20);
      expect(figures.maxMs).toBeLessThanOrEqual(75);
      expect(Math.abs(figures.corrected - drifted)).toBeLessThan(0.05 * rate);
    });
  }
});
