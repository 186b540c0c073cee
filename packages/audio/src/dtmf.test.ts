import { describe, expect, it } from 'vitest';
import { dtmf } from './dtmf.ts';
import { levelDb } from './level.ts';
import { toneLevelDb } from './tone-level.ts';

describe('dtmf', () => {
  it('sounds each key as the pair of ITU-T Q.23', () => {
    const pairs: Record<string, [number, number]> = {
      '1': [697, 1209],
      '5': [770, 1336],
      '9': [852, 1477],
      '0': [941, 1336],
      '*': [941, 1209],
      '#': [941, 1477],
      A: [697, 1633],
      D: [941, 1633],
    };
    for (const [digit, pair] of Object.entries(pairs)) {
      const samples = dtmf(digit, { sampleRateHz: 8000, toneMs: 500, gapMs: 0 });
      for (const frequencyHz of [697, 770, 852, 941, 1209, 1336, 1477, 1633]) {
        const measured = toneLevelDb(samples, { frequencyHz, sampleRateHz: 8000 });
        if (pair.includes(frequencyHz)) expect(measured).toBeCloseTo(-10, 1);
        else expect(measured).toBeLessThan(-80);
      }
    }
  });

  it('gives each digit its tone and its gap', () => {
    const samples = dtmf('12', { sampleRateHz: 16000, toneMs: 50, gapMs: 30, levelDb: -20 });
    expect(samples).toHaveLength(2 * 80 * 16);
    for (const start of [0, 80 * 16]) {
      expect(levelDb(samples.subarray(start, start + 50 * 16))).toBeCloseTo(-17, 0);
      expect(levelDb(samples.subarray(start + 50 * 16, start + 80 * 16))).toBe(-120);
    }
  });

  it('lasts 100 ms and pauses 100 ms unless told otherwise', () => {
    const samples = dtmf('7', { sampleRateHz: 8000 });
    expect(samples).toHaveLength(1600);
    expect(levelDb(samples.subarray(800))).toBe(-120);
  });

  it('takes letters of either case and nothing for no digits', () => {
    expect(dtmf('a', { sampleRateHz: 8000 })).toEqual(dtmf('A', { sampleRateHz: 8000 }));
    expect(dtmf('', { sampleRateHz: 8000 })).toHaveLength(0);
  });

  it('refuses what is no key', () => {
    for (const digits of ['E', '1 2', '1-2', '☎'])
      expect(() => dtmf(digits, { sampleRateHz: 8000 })).toThrow(RangeError);
  });
});
