import { describe, expect, it } from 'vitest';
import { add, noise } from './signal-fixture.ts';
import { tone } from './tone.ts';
import { toneLevelDb } from './tone-level.ts';

const frequencies = [440, 600, 1000];

describe.each([8000, 16000, 24000])('toneLevelDb at %i Hz', (sampleRateHz) => {
  const make = (frequencyHz: number, levelDb: number) => tone({ frequencyHz, sampleRateHz, levelDb, durationMs: 500 });

  it('keeps 440, 600 and 1000 Hz apart by 70 dB over half a second', () => {
    for (const sounding of frequencies) {
      const samples = make(sounding, -6);
      for (const frequencyHz of frequencies) {
        const measured = toneLevelDb(samples, { frequencyHz, sampleRateHz });
        if (frequencyHz === sounding) expect(measured).toBeCloseTo(-6, 2);
        else expect(measured).toBeLessThan(-6 - 70);
      }
    }
  });

  it('holds down everything 4 / duration or more away by 88 dB', () => {
    const samples = make(1000, -4);
    for (const offsetHz of [8, 9, 10, 11, 13, 17, 31, 97]) {
      for (const frequencyHz of [1000 - offsetHz, 1000 + offsetHz]) {
        expect(toneLevelDb(samples, { frequencyHz, sampleRateHz })).toBeLessThan(-4 - 88);
      }
    }
  });

  it('reads a tone 60 dB below another', () => {
    const samples = add(make(440, -6), make(600, -66));
    expect(toneLevelDb(samples, { frequencyHz: 600, sampleRateHz })).toBeCloseTo(-66, 0);
  });

  it('reads a tone under noise 10 dB louder', () => {
    const samples = add(make(1000, -30), noise(sampleRateHz / 2, -20));
    expect(Math.abs(toneLevelDb(samples, { frequencyHz: 1000, sampleRateHz }) + 30)).toBeLessThan(1);
  });

  it('is not disturbed by a constant offset', () => {
    const samples = make(440, -40).map((value) => value + 20_000);
    expect(toneLevelDb(samples, { frequencyHz: 440, sampleRateHz })).toBeCloseTo(-40, 1);
  });
});

describe('toneLevelDb', () => {
  it('reads -120 for silence and for no samples', () => {
    expect(toneLevelDb(new Int16Array(800), { frequencyHz: 440, sampleRateHz: 8000 })).toBe(-120);
    expect(toneLevelDb(new Int16Array(0), { frequencyHz: 440, sampleRateHz: 8000 })).toBe(-120);
  });

  it('refuses a frequency that the rate cannot carry', () => {
    const samples = new Int16Array(80);
    expect(() => toneLevelDb(samples, { frequencyHz: 4000, sampleRateHz: 8000 })).toThrow(RangeError);
    expect(() => toneLevelDb(samples, { frequencyHz: 0, sampleRateHz: 8000 })).toThrow(RangeError);
  });
});
