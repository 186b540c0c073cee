import { dbToAmplitude } from './level.ts';

/** Numbers from 0 to 1, the same for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e37_79b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** White noise of an RMS level. */
export function noise(length: number, levelDb: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const scale = dbToAmplitude(levelDb) * Math.sqrt(12);
  return Int16Array.from({ length }, () => Math.round((random() - 0.5) * scale));
}

/** The saturated sum of two signals, as long as the first. */
export function add(first: Int16Array, second: Int16Array): Int16Array {
  return first.map((value, i) => Math.max(-32768, Math.min(value + (second[i] ?? 0), 32767)));
}

/**
 * Something like speech: syllables of 60-300 ms, voiced ones with harmonics of a gliding pitch of 80-320 Hz under three formants,
 * unvoiced ones of noise, with pauses between them.
 */
export function speechLike(seconds: number, sampleRateHz: number, seed = 1): Int16Array {
  const random = seededRandom(seed);
  const between = (low: number, high: number) => low + (high - low) * random();
  const samples = new Int16Array(seconds * sampleRateHz);
  for (let at = 0; at < samples.length; ) {
    const length = Math.round(between(0.06, 0.3) * sampleRateHz);
    const voiced = random() < 0.75;
    const pitchHz = between(80, 320);
    const glide = between(0.8, 1.25);
    const formants = [between(250, 900), between(800, 2300), between(2000, 3200)];
    const amplitude = dbToAmplitude(between(-30, -14));
    let phase = 0;
    for (let i = 0; i < length && at + i < samples.length; i++) {
      const envelope = Math.sin((Math.PI * (i + 0.5)) / length);
      const pitch = pitchHz * glide ** (i / length);
      phase += pitch / sampleRateHz;
      let value = 0;
      if (voiced) {
        for (let harmonic = 1; harmonic * pitch < 3400; harmonic++) {
          const frequency = harmonic * pitch;
          const gain = formants.reduce((sum, formant) => sum + 1 / (1 + ((frequency - formant) / 90) ** 2), 0.01);
          value += gain * Math.sin(2 * Math.PI * harmonic * phase);
        }
      } else {
        value = between(-1, 1);
      }
      samples[at + i] = Math.max(-32768, Math.min(Math.round(amplitude * envelope * value), 32767));
    }
    at += length + Math.round(random() < 0.2 ? between(0.1, 0.6) * sampleRateHz : 0);
  }
  return samples;
}
