import { sampleRateHz, windowSamples } from './voices.ts';

/** A frequency nine bins below the lowest tone of any voice, so that no window takes it for one. */
const bin = 6;
const lengthMs = 1_000;
const fadeMs = 50;
/** -20 dB, as the prompts of the switch have it. */
const amplitude = 3_277;

/**
 * What the switch says in place of its own prompts, whose tones lie among those of the voices: with the high tone of somebody who speaks meanwhile,
 * they would make a voice of somebody who is not there.
 */
export function createPromptClip(): Int16Array {
  const samples = (lengthMs * sampleRateHz) / 1_000;
  const fade = (fadeMs * sampleRateHz) / 1_000;
  return Int16Array.from({ length: samples }, (_, i) => {
    // A tone that breaks off spreads over all others.
    const rise = Math.min(1, (i + 1) / fade, (samples - i) / fade);
    const level = (1 - Math.cos(Math.PI * rise)) / 2;
    return Math.round(amplitude * level * Math.sin((2 * Math.PI * bin * i) / windowSamples));
  });
}
