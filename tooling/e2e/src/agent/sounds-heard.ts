import { decodeWav } from '@agentao/audio';
import type { Lab, LabCall } from '@agentao/testing';

/** A stretch of sound, in ms on the clock of the lab. */
export interface HeardSound {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Below this, of 32,768, it is silence: resamplers ring. */
const quietest = 50;
const longestPauseMs = 100;

/** The sounds that a phone has heard, sample for sample, in a call that goes on: what it hears now is the end of its recording. Pauses up to 100 ms are part of them. */
export function soundsHeard(lab: Lab, call: LabCall): readonly HeardSound[] {
  const { samples, sampleRateHz } = decodeWav(call.recording());
  const beganMs = lab.clock.now() - (samples.length * 1000) / sampleRateHz;
  const sounds: { fromMs: number; toMs: number }[] = [];
  samples.forEach((sample, index) => {
    if (Math.abs(sample) < quietest) return;
    const atMs = beganMs + (index * 1000) / sampleRateHz;
    const last = sounds.at(-1);
    if (last !== undefined && atMs - last.toMs <= longestPauseMs) last.toMs = atMs;
    else sounds.push({ fromMs: atMs, toMs: atMs });
  });
  return sounds;
}
