import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleRates } from './pcm.ts';
import { createResampler, type Resampler } from './resampler.ts';

const telephonePairs = sampleRates.flatMap((input) =>
  sampleRates.filter((output) => output !== input).map((output) => [input, output] as const),
);
const pairs: (readonly [number, number])[] = [
  ...telephonePairs,
  [48000, 24000],
  [24000, 48000],
  [44100, 24000],
  [24000, 44100],
];

/** Full-scale noise, the same at every run. */
function noise(length: number): Int16Array {
  let state = 1;
  return Int16Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >> 16;
  });
}

function inChunks(resampler: Resampler, input: Int16Array, lengths: readonly number[]): Int16Array {
  const output: number[] = [];
  for (let at = 0, turn = 0; at < input.length; turn++) {
    const length = lengths[turn % lengths.length] as number;
    output.push(...resampler.process(input.subarray(at, at + length)));
    at += length;
  }
  return Int16Array.from(output);
}

describe.each(pairs)('resampler %i -> %i Hz', (inputRateHz, outputRateHz) => {
  const input = noise(2000);
  const make = () => createResampler({ inputRateHz, outputRateHz });

  it('gives a whole 20 ms frame for a whole 20 ms frame, from the first on', () => {
    const resampler = make();
    const frame = noise(inputRateHz / 50);
    for (let i = 0; i < 5; i++) expect(resampler.process(frame)).toHaveLength(outputRateHz / 50);
  });

  it('has given ceil(n * out / in) samples after n, told in advance', () => {
    const resampler = make();
    let taken = 0;
    let given = 0;
    for (let length = 0; length < 60; length++) {
      const announced = resampler.outputLength(length);
      const output = resampler.process(input.subarray(0, length));
      expect(output).toHaveLength(announced);
      taken += length;
      given += output.length;
      expect(given).toBe(Math.ceil((taken * outputRateHz) / inputRateHz));
    }
  });

  it('gives the same samples however the input is cut', () => {
    const whole = make().process(input).slice();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1100 }), { minLength: 1, maxLength: 5 }), (lengths) => {
        expect(inChunks(make(), input, lengths)).toEqual(whole);
      }),
      { numRuns: 10 },
    );
    expect(inChunks(make(), input, [1])).toEqual(whole);
  });

  it('puts the peak of an impulse at the stated delay', () => {
    const resampler = make();
    const impulse = new Int16Array(inputRateHz / 25);
    impulse[0] = 32767;
    const output = resampler.process(impulse);
    const peak = output.reduce((best, value, i) => (value > (output[best] as number) ? i : best), 0);
    expect(Math.abs(peak - resampler.delaySamples)).toBeLessThanOrEqual(0.5);
    expect(resampler.delaySamples / outputRateHz).toBeCloseTo(24 / Math.min(inputRateHz, outputRateHz), 4);
  });

  it('flushes what the delay held back, then starts anew', () => {
    const resampler = make();
    const first = resampler.process(input).slice();
    const tail = resampler.flush().slice();
    const followedBySilence = new Int16Array(input.length + inputRateHz / 10);
    followedBySilence.set(input);
    const withSilence = make().process(followedBySilence);
    expect(Math.abs(tail.length - resampler.delaySamples)).toBeLessThanOrEqual(1);
    expect(tail).toEqual(withSilence.subarray(first.length, first.length + tail.length));
    expect(resampler.process(input)).toEqual(first);
  });

  it('forgets everything at a reset', () => {
    const resampler = make();
    const first = resampler.process(input).slice();
    resampler.process(input.subarray(0, 7));
    resampler.reset();
    expect(resampler.process(input)).toEqual(first);
  });

  it('writes into memory of the caller, and nothing when it does not fit', () => {
    const resampler = make();
    const expected = make().process(input);
    const output = new Int16Array(expected.length + 3).fill(7);
    expect(() => resampler.processInto(input, output.subarray(0, expected.length - 1))).toThrow(RangeError);
    expect(output).toEqual(new Int16Array(output.length).fill(7));
    expect(resampler.processInto(input, output)).toBe(expected.length);
    expect(output.subarray(0, expected.length)).toEqual(expected);
    expect([...output.subarray(expected.length)]).toEqual([7, 7, 7]);
  });

  it('saturates an overshoot instead of wrapping it', () => {
    const square = (level: number) => Int16Array.from({ length: 2000 }, (_, i) => (i % 16 < 8 ? level : -level));
    const quarter = make().process(square(8000));
    const output = make().process(square(32_000));
    const expected = Array.from(quarter, (value) => Math.max(-32768, Math.min(4 * value, 32767)));
    expect(Math.max(...output)).toBe(32767);
    expect(Math.min(...output)).toBe(-32768);
    // Four times the rounding of the quarter is the most they may differ.
    for (const [i, value] of output.entries()) expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(4);
  });
});

describe('resampler', () => {
  it('copies at equal rates, without delay', () => {
    const resampler = createResampler({ inputRateHz: 16000, outputRateHz: 16000 });
    const input = noise(100);
    const output = resampler.process(input);
    expect(output).toEqual(input);
    expect(output.buffer).not.toBe(input.buffer);
    expect(resampler.delaySamples).toBe(0);
    expect(resampler.flush()).toHaveLength(0);
    expect(resampler.processInto(input, new Int16Array(100))).toBe(100);
    expect(() => resampler.processInto(input, new Int16Array(99))).toThrow(RangeError);
  });

  it('uses the same memory for every output of the same length', () => {
    const resampler = createResampler({ inputRateHz: 8000, outputRateHz: 24000 });
    expect(resampler.process(noise(160))).toBe(resampler.process(noise(160)));
  });

  it('takes the rates of common sound files', () => {
    for (const inputRateHz of [11025, 12000, 22050, 32000, 44100, 88200, 96000, 192000]) {
      for (const outputRateHz of sampleRates) {
        const output = createResampler({ inputRateHz, outputRateHz }).process(noise(inputRateHz / 25));
        expect(output).toHaveLength(outputRateHz / 25);
      }
    }
  });

  it('refuses rates that are none or have no small common ratio', () => {
    for (const rate of [0, -8000, 8000.5, Number.NaN, 1e9]) {
      expect(() => createResampler({ inputRateHz: rate, outputRateHz: 8000 })).toThrow(/inputRateHz/);
      expect(() => createResampler({ inputRateHz: 8000, outputRateHz: rate })).toThrow(/outputRateHz/);
    }
    expect(() => createResampler({ inputRateHz: 44101, outputRateHz: 24000 })).toThrow(RangeError);
  });
});
