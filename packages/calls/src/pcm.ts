import { toSamples } from '@agentao/audio';
import type { MediaRateHz } from '@agentao/protocol';
import type { Pcm } from './active-call.ts';
import { invalidArgument } from './errors.ts';

/** The samples of `pcm`, its own or a copy. Throws `INVALID_ARGUMENT` for half a sample, another rate, or what is not audio. */
export function samplesOf(pcm: Pcm, sampleRateHz: MediaRateHz): Int16Array {
  if (pcm instanceof Int16Array) return pcm;
  if (pcm instanceof Uint8Array) {
    if (pcm.length % 2 !== 0) throw invalidArgument(`16-bit PCM has an even number of bytes, got ${pcm.length}`);
    return toSamples(pcm);
  }
  const chunk: unknown = pcm;
  if (typeof chunk !== 'object' || chunk === null || !('samples' in chunk) || !(chunk.samples instanceof Int16Array)) {
    throw invalidArgument('audio must be a Uint8Array, an Int16Array or an AudioChunk');
  }
  if ('sampleRateHz' in chunk && chunk.sampleRateHz !== sampleRateHz) {
    throw invalidArgument(`the chunk has ${String(chunk.sampleRateHz)} Hz, the call has ${sampleRateHz} Hz`);
  }
  return chunk.samples;
}
