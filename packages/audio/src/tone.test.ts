import { describe, expect, it } from 'vitest';
import { levelDb } from './level.ts';
import { createTone, tone } from './tone.ts';
import { toneLevelDb } from './tone-level.ts';

describe('tone', () => {
  it.each([8000, 16000, 24000])('has the frequency, level and length asked for at %i Hz', (sampleRateHz) => {
    const samples = tone({ frequencyHz: 1000, sampleRateHz, levelDb: -12, durationMs: 500 });
    expect(samples).toHaveLength(sampleRateHz / 2);
    expect(levelDb(samples)).toBeCloseTo(-12, 2);
    expect(toneLevelDb(samples, { frequencyHz: 1000, sampleRateHz })).toBeCloseTo(-12, 2);
  });

  it('follows the sine from phase 0 to the sample', () => {
    const samples = tone({ frequencyHz: 600, sampleRateHz: 8000, levelDb: -6, durationMs: 100 });
    const amplitude = 32_768 * 10 ** (-6 / 20) * Math.SQRT2;
    const expected = samples.map((_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * 600 * i) / 8000)));
    expect(samples).toEqual(expected);
  });

  it('sounds several frequencies at once, each at the level', () => {
    const samples = tone({ frequencyHz: [440, 480], sampleRateHz: 8000, levelDb: -20, durationMs: 1000 });
    for (const frequencyHz of [440, 480]) {
      expect(toneLevelDb(samples, { frequencyHz, sampleRateHz: 8000 })).toBeCloseTo(-20, 1);
    }
  });

  it('goes on without a break from fill to fill', () => {
    const whole = tone({ frequencyHz: 441, sampleRateHz: 24000, durationMs: 100 });
    const source = createTone({ frequencyHz: 441, sampleRateHz: 24000 });
    const pieces = [1, 479, 480, 3, 1437].flatMap((length) => {
      const out = new Int16Array(length);
      source.fill(out);
      return [...out];
    });
    expect(pieces).toEqual([...whole]);
  });

  it('keeps its frequency over ten minutes', () => {
    const source = createTone({ frequencyHz: 1000.1, sampleRateHz: 8000, levelDb: -6 });
    const second = new Int16Array(8000);
    for (let i = 0; i < 600; i++) source.fill(second);
    // 599 s are 599,059.9 turns and 9 s are 9000.9: both leave off at the same phase.
    const young = createTone({ frequencyHz: 1000.1, sampleRateHz: 8000, levelDb: -6 });
    const expected = new Int16Array(8000);
    for (let i = 0; i < 10; i++) young.fill(expected);
    for (const [i, value] of second.entries()) expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(1);
  });

  it('saturates above full scale', () => {
    const samples = tone({ frequencyHz: 500, sampleRateHz: 8000, levelDb: 6, durationMs: 20 });
    expect(Math.max(...samples)).toBe(32767);
    expect(Math.min(...samples)).toBe(-32768);
  });

  it('refuses a frequency that the rate cannot carry', () => {
    for (const frequencyHz of [0, -1, 4000, Number.NaN]) {
      expect(() => createTone({ frequencyHz, sampleRateHz: 8000 })).toThrow(RangeError);
      expect(() => createTone({ frequencyHz: [440, frequencyHz], sampleRateHz: 8000 })).toThrow(RangeError);
    }
  });
});
