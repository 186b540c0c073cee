import { describe, expect, it } from 'vitest';
import { createResampler } from './resampler.ts';

const pairs: (readonly [number, number])[] = [
  [8000, 16000],
  [8000, 24000],
  [16000, 8000],
  [16000, 24000],
  [24000, 8000],
  [24000, 16000],
  [48000, 24000],
  [24000, 48000],
  [44100, 24000],
];
const downPairs = pairs.filter(([inputRateHz, outputRateHz]) => outputRateHz < inputRateHz);
const amplitude = 30_000;

/** Half a second of a sine after the filter has settled. */
function resampledSine(frequencyHz: number, inputRateHz: number, outputRateHz: number): Int16Array {
  const step = (2 * Math.PI * frequencyHz) / inputRateHz;
  const input = Int16Array.from({ length: inputRateHz * 0.6 }, (_, i) => Math.round(amplitude * Math.sin(step * i)));
  return createResampler({ inputRateHz, outputRateHz }).process(input);
}

/** Least-squares sine of one frequency in `samples` from `from` on: amplitude, phase at sample 0, and what is left over. */
function fitSine(samples: Int16Array, frequencyHz: number, sampleRateHz: number) {
  const from = sampleRateHz / 10;
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  let ss = 0;
  let cc = 0;
  let sc = 0;
  let ys = 0;
  let yc = 0;
  for (let i = from; i < samples.length; i++) {
    const sine = Math.sin(step * i);
    const cosine = Math.cos(step * i);
    const value = samples[i] as number;
    ss += sine * sine;
    cc += cosine * cosine;
    sc += sine * cosine;
    ys += value * sine;
    yc += value * cosine;
  }
  const determinant = ss * cc - sc * sc;
  const a = (ys * cc - yc * sc) / determinant;
  const b = (yc * ss - ys * sc) / determinant;
  let signal = 0;
  let rest = 0;
  for (let i = from; i < samples.length; i++) {
    const fitted = a * Math.sin(step * i) + b * Math.cos(step * i);
    signal += fitted ** 2;
    rest += ((samples[i] as number) - fitted) ** 2;
  }
  return { amplitude: Math.hypot(a, b), phase: Math.atan2(b, a), snrDb: 10 * Math.log10(signal / rest) };
}

/** Frequencies through the pass band, off the divisors of any rate so that no error hides in a common period. */
function passBand(inputRateHz: number, outputRateHz: number): number[] {
  const nyquistHz = Math.min(inputRateHz, outputRateHz) / 2;
  return [0.05, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.8196].map((share) => share * nyquistHz + 1.7);
}

describe.each(pairs)('resampler %i -> %i Hz', (inputRateHz, outputRateHz) => {
  const fits = passBand(inputRateHz, outputRateHz).map((frequencyHz) => ({
    frequencyHz,
    ...fitSine(resampledSine(frequencyHz, inputRateHz, outputRateHz), frequencyHz, outputRateHz),
  }));

  it('keeps 91 dB of signal to noise, images included, through the pass band', () => {
    for (const fit of fits) expect(fit.snrDb, `at ${fit.frequencyHz} Hz`).toBeGreaterThanOrEqual(91);
  });

  it('is flat within 0.06 dB to 0.82 of the lower Nyquist frequency', () => {
    for (const fit of fits) {
      expect(Math.abs(20 * Math.log10(fit.amplitude / amplitude)), `at ${fit.frequencyHz} Hz`).toBeLessThanOrEqual(
        0.06,
      );
    }
  });

  it('delays every frequency by exactly the stated 1.5 to 3 ms', () => {
    const { delaySamples } = createResampler({ inputRateHz, outputRateHz });
    expect((1000 * delaySamples) / outputRateHz).toBeLessThanOrEqual(3);
    for (const fit of fits) {
      const turns = (delaySamples * fit.frequencyHz) / outputRateHz + fit.phase / (2 * Math.PI);
      const errorSamples = ((turns - Math.round(turns)) * outputRateHz) / fit.frequencyHz;
      expect(Math.abs(errorSamples), `at ${fit.frequencyHz} Hz`).toBeLessThan(0.001);
    }
  });
});

describe.each(downPairs)('resampler %i -> %i Hz', (inputRateHz, outputRateHz) => {
  it('holds tones that would fold into the pass band 82 dB down', () => {
    const nyquistHz = outputRateHz / 2;
    const limit = inputRateHz / outputRateHz - 0.01;
    for (let share = 1.03; share < limit; share += 0.045) {
      const output = resampledSine(share * nyquistHz + 1.7, inputRateHz, outputRateHz).subarray(outputRateHz / 10);
      let energy = 0;
      for (const value of output) energy += value * value;
      const aliasDb = 10 * Math.log10(energy / output.length / (amplitude ** 2 / 2));
      expect(aliasDb, `tone at ${share * nyquistHz} Hz`).toBeLessThanOrEqual(-82);
    }
  });
});
