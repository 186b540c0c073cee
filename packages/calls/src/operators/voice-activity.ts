import { createVoiceActivity, type VoiceActivity } from '@agentao/audio';
import { Observable, type OperatorFunction } from 'rxjs';
import type { AudioChunk } from '../active-call.ts';

/** Somebody begins or stops to speak; `positionSamples` is where, in the positions of the audio it was found in. */
export interface VoiceActivityChange {
  readonly type: 'start' | 'end';
  readonly positionSamples: number;
}

/** Tells where speech starts and ends in one track of audio. A gap counts as no time. */
export function voiceActivity(): OperatorFunction<AudioChunk, VoiceActivityChange> {
  return (source) =>
    new Observable((subscriber) => {
      let detector: VoiceActivity | undefined;
      let heard = 0;
      /** Position of the audio minus what the detector has counted. */
      let offset = 0;
      const change = (type: VoiceActivityChange['type']): ((atSample: number) => void) => {
        return (atSample) => subscriber.next({ type, positionSamples: atSample + offset });
      };
      return source.subscribe({
        next: ({ samples, positionSamples, sampleRateHz }) => {
          detector ??= createVoiceActivity({ sampleRateHz, onStart: change('start'), onEnd: change('end') });
          offset = positionSamples - heard;
          heard += samples.length;
          detector.push(samples);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    });
}
