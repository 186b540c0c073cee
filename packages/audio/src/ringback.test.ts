import { describe, expect, it } from 'vitest';
import { levelDb } from './level.ts';
import { sampleRates } from './pcm.ts';
import { createRingback } from './ringback.ts';
import { tone } from './tone.ts';

describe.each(sampleRates)('ringback at %i Hz', (sampleRateHz) => {
  it('is 425 Hz for a second and silent for four, again and again', () => {
    const ringback = createRingback({ sampleRateHz, levelDb: -18 });
    const on = tone({ frequencyHz: 425, sampleRateHz, levelDb: -18, durationMs: 1000 });
    const second = new Int16Array(sampleRateHz);
    for (let cycle = 0; cycle < 3; cycle++) {
      ringback.fill(second);
      for (const [i, value] of second.entries()) {
        if (Math.abs(value - (on[i] as number)) > 1) expect.fail(`sample ${i} is ${value} instead of ${on[i]}`);
      }
      for (let i = 0; i < 4; i++) {
        ringback.fill(second);
        expect(second.every((value) => value === 0)).toBe(true);
      }
    }
  });

  it('goes on across fills of any length', () => {
    const whole = new Int16Array(sampleRateHz * 6);
    createRingback({ sampleRateHz }).fill(whole);
    const ringback = createRingback({ sampleRateHz });
    const pieces = new Int16Array(whole.length);
    for (let at = 0, length = 1; at < pieces.length; at += length, length = (length * 7) % 1009) {
      ringback.fill(pieces.subarray(at, Math.min(at + length, pieces.length)));
    }
    expect(pieces).toEqual(whole);
  });

  it('sounds at -20 dB unless told otherwise', () => {
    const second = new Int16Array(sampleRateHz);
    createRingback({ sampleRateHz }).fill(second);
    expect(levelDb(second)).toBeCloseTo(-20, 1);
  });
});
