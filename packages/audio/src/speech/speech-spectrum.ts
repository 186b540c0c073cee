import { bandStartHz, bandTones, speechBands, toneSpacingHz } from './speech-code.ts';

/** The rate at which tones are looked for. */
export const spectrumRateHz = 8000;
/** The steady part of a tone; all tones are whole multiples of its frequency. */
const windowSamples = spectrumRateHz / toneSpacingHz;
/** How finely a tone is located: 2.5 ms. */
export const hopSamples = 20;
const windowHops = windowSamples / hopSamples;

const bins = speechBands.flatMap((band) =>
  Array.from({ length: bandTones }, (_, tone) => bandStartHz[band] / toneSpacingHz + tone),
);
const cosine = Float64Array.from({ length: windowSamples }, (_, i) => Math.cos((2 * Math.PI * i) / windowSamples));
const sine = Float64Array.from({ length: windowSamples }, (_, i) => Math.sin((2 * Math.PI * i) / windowSamples));

/** The energy of every tone of every band over the last 20 ms, every 2.5 ms. */
export interface SpeechSpectrum {
  /** By band, then by tone; of one at full scale about 0.5. Overwritten at each hop. */
  readonly energies: Float64Array;
  /** Takes samples at {@link spectrumRateHz}; calls `onHop` whenever `energies` is new. */
  push(samples: Int16Array, onHop: () => void): void;
}

/** Starts in silence. A window is the sum of eight hops, each summed once, so that nothing drifts however long the stream is. */
export function createSpeechSpectrum(): SpeechSpectrum {
  const energies = new Float64Array(bins.length);
  const real = Array.from({ length: windowHops }, () => new Float64Array(bins.length));
  const imaginary = Array.from({ length: windowHops }, () => new Float64Array(bins.length));
  const hop = new Int16Array(hopSamples);
  let filled = 0;
  let hops = 0;

  const take = (): void => {
    const place = hops % windowHops;
    const re = real[place] as Float64Array;
    const im = imaginary[place] as Float64Array;
    const start = place * hopSamples;
    for (let b = 0; b < bins.length; b++) {
      const bin = bins[b] as number;
      let sumRe = 0;
      let sumIm = 0;
      let phase = (bin * start) % windowSamples;
      for (let i = 0; i < hopSamples; i++) {
        const value = hop[i] as number;
        sumRe += value * (cosine[phase] as number);
        sumIm += value * (sine[phase] as number);
        phase = (phase + bin) % windowSamples;
      }
      re[b] = sumRe;
      im[b] = sumIm;
    }
    hops++;
    const scale = 2 / (windowSamples * 32_768) ** 2;
    for (let b = 0; b < bins.length; b++) {
      let sumRe = 0;
      let sumIm = 0;
      for (let h = 0; h < windowHops; h++) {
        sumRe += (real[h] as Float64Array)[b] as number;
        sumIm += (imaginary[h] as Float64Array)[b] as number;
      }
      energies[b] = (sumRe * sumRe + sumIm * sumIm) * scale;
    }
  };

  return {
    energies,
    push(samples, onHop) {
      for (const sample of samples) {
        hop[filled++] = sample;
        if (filled < hopSamples) continue;
        filled = 0;
        take();
        onHop();
      }
    },
  };
}
