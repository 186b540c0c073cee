import { createJitterBuffer, tone } from '@agentao/audio';
import { describe, expect, it } from 'vitest';
import { createEar, longestUnbrokenMs } from './ear.ts';

const sampleRateHz = 24_000;
const frameSamples = 480;
const durationMs = 6_000;
const whole = { fromMs: 500, toMs: 5_500 };
const toneOf = (frequencyHz: number, ms = durationMs): Int16Array =>
  tone({ frequencyHz, durationMs: ms, sampleRateHz, levelDb: -20 });

/** `samples`, with another tone in one stretch of them. */
function withTone(samples: Int16Array, frequencyHz: number, fromMs: number, ms: number): Int16Array {
  const mixed = samples.slice();
  const from = (fromMs * sampleRateHz) / 1000;
  toneOf(frequencyHz, ms).forEach((sample, i) => {
    mixed[from + i] = (mixed[from + i] ?? 0) + sample;
  });
  return mixed;
}

/** What a jitter buffer makes of frames, some of which are late, or lost with or without the positions telling. */
function throughBuffer(samples: Int16Array, fate: (frame: number) => 'comes' | 'late' | 'lost' | 'cut'): Int16Array {
  const buffer = createJitterBuffer({ sampleRateHz });
  const heard = new Int16Array(samples.length);
  let position = 0;
  let held: (() => void) | undefined;
  for (let at = 0; at + frameSamples <= samples.length; at += frameSamples) {
    const what = fate(at / frameSamples);
    const frame = samples.subarray(at, at + frameSamples);
    const here = position;
    held?.();
    held = undefined;
    if (what === 'comes') buffer.push(frame, here);
    // By more than the buffer holds: it makes something up first.
    if (what === 'late') held = () => buffer.push(frame, here);
    if (what !== 'cut') position += frameSamples;
    buffer.pull(heard.subarray(at, at + frameSamples));
  }
  return heard;
}

describe('an ear', () => {
  it.each([
    ['the whole time', 0, durationMs],
    ['for one second', 2_000, 1_000],
    ['for 100 ms', 2_030, 100],
    ['for 20 ms, one tick of a mixer,', 2_030, 20],
  ])('finds a tone that leaks %s beside louder ones', (_, fromMs, ms) => {
    const ear = createEar(withTone(withTone(toneOf(440), 600, 0, durationMs), 1_000, fromMs, ms), sampleRateHz);
    expect(ear.leakDb(1_000, whole)).toBeGreaterThan(-46);
  });

  it('finds a leak that is 55 dB softer than what belongs there, and none where there is none', () => {
    const soft = tone({ frequencyHz: 600, durationMs: 1_000, sampleRateHz, levelDb: -75 });
    const samples = toneOf(1_000);
    expect(createEar(samples, sampleRateHz).leakDb(600, whole)).toBeLessThan(-85);
    soft.forEach((sample, i) => (samples[48_000 + i] = (samples[48_000 + i] ?? 0) + sample));
    expect(createEar(samples, sampleRateHz).leakDb(600, whole)).toBeCloseTo(-75, 0);
  });

  it('takes no made-up frame and no jump of another tone for a leak', () => {
    for (const fate of ['late', 'lost', 'cut'] as const) {
      const both = withTone(toneOf(440), 600, 0, durationMs);
      const heard = throughBuffer(both, (frame) => (frame % 37 === 36 ? fate : 'comes'));
      expect(createEar(heard, sampleRateHz).leakDb(1_000, whole), fate).toBeLessThan(-80);
      const one = throughBuffer(toneOf(1_000), (frame) => (frame % 37 === 36 ? fate : 'comes'));
      for (const hz of [440, 600]) expect(createEar(one, sampleRateHz).leakDb(hz, whole), fate).toBeLessThan(-80);
    }
  });

  it('knows a tone that is whole, also where drift was corrected by a period of it', () => {
    expect(createEar(toneOf(440), sampleRateHz).breaksMs(440, whole)).toEqual([]);
    // 600 samples are eleven periods.
    const samples = toneOf(440);
    samples.copyWithin(48_000, 48_600);
    expect(createEar(samples, sampleRateHz).breaksMs(440, { fromMs: 500, toMs: 5_000 })).toEqual([]);
  });

  it('counts each frame of a tone that is lost, whether it is made up for or cut out', () => {
    for (const fate of ['lost', 'cut'] as const) {
      const heard = throughBuffer(toneOf(440), (frame) => (frame > 0 && frame % 50 === 0 ? fate : 'comes'));
      const breaks = createEar(heard, sampleRateHz).breaksMs(440, whole);
      expect(breaks.length, fate).toBeGreaterThanOrEqual(4);
      expect(longestUnbrokenMs(breaks, whole), fate).toBeLessThan(1_100);
    }
  });

  it('measures the longest part without a break', () => {
    expect(longestUnbrokenMs([], whole)).toBe(5_000);
    expect(longestUnbrokenMs([700, 3_500, 5_400], whole)).toBe(2_800);
  });
});
