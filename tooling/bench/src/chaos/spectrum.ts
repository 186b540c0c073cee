import { highBins, lowBins, toneAmplitude, windowSamples } from './voices.ts';

/** Which tones are in a window: one bit for each. */
export interface Tones {
  readonly lows: number;
  readonly highs: number;
}

/** A tone counts as heard from so far below its own level on, which a third of a window reaches. */
const thresholdDb = -12;
const half = windowSamples / 2;

const window = Float64Array.from({ length: windowSamples }, (_, i) => {
  const angle = (2 * Math.PI * (i + 0.5)) / windowSamples;
  return 0.35875 - 0.48829 * Math.cos(angle) + 0.14128 * Math.cos(2 * angle) - 0.01168 * Math.cos(3 * angle);
});
const cosines = Float64Array.from({ length: half }, (_, i) => Math.cos((2 * Math.PI * i) / windowSamples));
const sines = Float64Array.from({ length: half }, (_, i) => -Math.sin((2 * Math.PI * i) / windowSamples));
const bits = Math.log2(windowSamples);
const reversed = Uint16Array.from({ length: windowSamples }, (_, i) => {
  let result = 0;
  for (let bit = 0; bit < bits; bit++) result |= ((i >> bit) & 1) << (bits - 1 - bit);
  return result;
});
const threshold = (toneAmplitude * 10 ** (thresholdDb / 20) * 0.35875 * half) ** 2;
const real = new Float64Array(windowSamples);
const imaginary = new Float64Array(windowSamples);

/** The tones in one window of samples. */
export function tonesIn(samples: Int16Array): Tones {
  let loud = false;
  for (let i = 0; i < windowSamples; i++) {
    const sample = samples[i] as number;
    if (sample > 300 || sample < -300) loud = true;
    const to = reversed[i] as number;
    real[to] = sample * (window[i] as number);
    imaginary[to] = 0;
  }
  if (!loud) return { lows: 0, highs: 0 };
  transform();
  return { lows: present(lowBins), highs: present(highBins) };
}

function present(bins: readonly number[]): number {
  let mask = 0;
  for (let index = 0; index < bins.length; index++) {
    const bin = bins[index] as number;
    const power = (real[bin] as number) ** 2 + (imaginary[bin] as number) ** 2;
    if (power >= threshold) mask |= 1 << index;
  }
  return mask;
}

/** The fast Fourier transform of what is in `real`, in reversed order, in place. */
function transform(): void {
  for (let size = 2; size <= windowSamples; size *= 2) {
    const stride = windowSamples / size;
    const middle = size / 2;
    for (let start = 0; start < windowSamples; start += size) {
      for (let k = 0; k < middle; k++) {
        const a = start + k;
        const b = a + middle;
        const cosine = cosines[k * stride] as number;
        const sine = sines[k * stride] as number;
        const x = (real[b] as number) * cosine - (imaginary[b] as number) * sine;
        const y = (real[b] as number) * sine + (imaginary[b] as number) * cosine;
        real[b] = (real[a] as number) - x;
        imaginary[b] = (imaginary[a] as number) - y;
        real[a] = (real[a] as number) + x;
        imaginary[a] = (imaginary[a] as number) + y;
      }
    }
  }
}
