import { tone } from '@agentao/audio';
import { busRateHz, busTickSamples } from '../media/bus.ts';

const longestMs = 10_000;
const rampSamples = busRateHz / 200;

/** The notice that is played unless there is another one: 400 ms of 1,400 Hz. */
export function defaultConsentClip(): Int16Array {
  const clip = tone({ frequencyHz: 1_400, sampleRateHz: busRateHz, levelDb: -23, durationMs: 400 });
  for (let i = 0; i < rampSamples; i++) {
    const end = clip.length - 1 - i;
    clip[i] = ((clip[i] as number) * i) / rampSamples;
    clip[end] = ((clip[end] as number) * i) / rampSamples;
  }
  return clip;
}

/** A clip at the bus rate in whole ticks, padded with silence. Throws a TypeError for an empty one and for one beyond 10 s. */
export function checkConsentClip(clip: Int16Array): Int16Array {
  if (clip.length === 0 || clip.length > (longestMs * busRateHz) / 1000) {
    throw new TypeError(
      `records.consentClip must have 1 to ${(longestMs * busRateHz) / 1000} samples (10 s at 24,000 Hz)`,
    );
  }
  const whole = new Int16Array(Math.ceil(clip.length / busTickSamples) * busTickSamples);
  whole.set(clip);
  return whole;
}
