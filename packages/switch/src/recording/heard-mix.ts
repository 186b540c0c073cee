import { createMixer, createRingback, type ToneSource } from '@agentao/audio';
import type { Party } from '@agentao/protocol';
import { busRateHz, busTickSamples } from '../media/bus.ts';
import type { SpokenTick } from '../media/level-tap.ts';
import { matrices, type Matrix } from '../media/matrix.ts';
import type { RecordingMark } from './recorder.ts';

/** Mixes again what one person heard, from what everybody said and the marks of the recording. */
export interface HeardMix {
  /** The next tick, in order from the first one of the recording, into `out`: sample for sample what the conference played to that person. */
  next(tick: number, spoken: SpokenTick, out: Int16Array): void;
}

/** What was played beside what was said. */
export interface HeardMixOptions {
  /** In order of their ticks. */
  readonly marks: readonly RecordingMark[];
  readonly consentClip: Int16Array | undefined;
}

const mixer = createMixer();
const silence = new Int16Array(busTickSamples);

/** Makes the mix of one person. */
export function createHeardMix(
  hearer: Party,
  { marks, consentClip = silence.subarray(0, 0) }: HeardMixOptions,
): HeardMix {
  const ringbackTone = new Int16Array(busTickSamples);
  let nextMark = 0;
  let matrix: Matrix = matrices.nobody;
  let ringback: ToneSource | undefined;
  /** Samples of the clip that have been heard; at its length nothing of it sounds. */
  let clipAt = consentClip.length;
  const promptVoice = new Int16Array(busTickSamples);
  let prompt: Int16Array | undefined;
  let promptAt = 0;
  let isOpen = false;
  let stalledUntil = 0;

  const apply = (mark: RecordingMark): void => {
    switch (mark.type) {
      case 'matrix':
        matrix = mark.matrix;
        return;
      case 'ringback':
        ringback = createRingback({ sampleRateHz: busRateHz });
        for (let i = 0; i < mark.soundedTicks; i++) ringback.fill(ringbackTone);
        return;
      case 'prompt':
        prompt = mark.clip;
        promptAt = mark.soundedTicks * busTickSamples;
        return;
      case 'line':
        if (mark.party !== hearer) return;
        isOpen = mark.isOpen;
        clipAt = isOpen ? 0 : consentClip.length;
        return;
      case 'gap':
        if (mark.cause === 'stall') stalledUntil = mark.tick + mark.ticks;
    }
  };

  const sourcesOf = (spoken: SpokenTick): Int16Array[] => {
    if (hearer === 'callee') {
      return [
        ...(matrix.caller.callee === 0 ? [] : [spoken.caller]),
        ...(matrix.agent.callee === 0 ? [] : [spoken.agent]),
        ...(prompt === undefined ? [] : [promptVoice]),
      ];
    }
    return [
      ...(matrix.callee.caller === 0 ? [] : [spoken.callee]),
      ...(matrix.agent.caller === 0 ? [] : [spoken.agent]),
      ...(matrix.ringback.caller === 0 ? [] : [ringbackTone]),
      ...(prompt === undefined ? [] : [promptVoice]),
    ];
  };

  const soundPrompt = (): void => {
    if (prompt === undefined) return;
    const part = prompt.subarray(promptAt, promptAt + busTickSamples);
    promptVoice.set(part);
    promptVoice.fill(0, part.length);
    promptAt += busTickSamples;
  };

  const soundRingback = (): void => {
    if (matrix.ringback.caller === 0) ringback = undefined;
    if (ringback === undefined) return;
    ringback.fill(ringbackTone);
    if (matrix.ringback.caller === 0.25) {
      for (let i = 0; i < busTickSamples; i++) ringbackTone[i] = (ringbackTone[i] as number) >> 2;
    }
  };

  return {
    next(tick, spoken, out) {
      for (let mark = marks[nextMark]; mark !== undefined && mark.tick <= tick; mark = marks[++nextMark]) apply(mark);
      if (tick < stalledUntil) {
        out.fill(0);
        return;
      }
      soundRingback();
      soundPrompt();
      if (!isOpen && (hearer === 'callee' || ringback === undefined)) {
        out.fill(0);
        return;
      }
      mixer.mixInto(out, sourcesOf(spoken));
      if (clipAt >= consentClip.length) return;
      mixer.mixInto(out, [out, consentClip.subarray(clipAt, clipAt + busTickSamples)]);
      clipAt += busTickSamples;
    },
  };
}
