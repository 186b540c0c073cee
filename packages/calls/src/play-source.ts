import { readWav } from '@agentao/audio';
import type { MediaRateHz } from '@agentao/protocol';
import type { PlaySource } from './active-call.ts';
import { invalidArgument } from './errors.ts';
import { samplesOf } from './pcm.ts';

/** The samples of a source at the call's rate, piece by piece. Copies it unless it is an iterable, which keeps a piece until it is asked for the next one. Throws `INVALID_ARGUMENT` for what is not audio. */
export function piecesOf(source: PlaySource, sampleRateHz: MediaRateHz): AsyncIterator<Int16Array> {
  if (typeof source !== 'object' || source === null) {
    throw invalidArgument(
      'a source to play is the bytes of a WAV file, PCM (Uint8Array, Int16Array, AudioChunk) or an async iterable of PCM; a file has to be read first',
    );
  }
  if (source instanceof Uint8Array && isWav(source)) return once(readWavAt(source, sampleRateHz));
  if (Symbol.asyncIterator in source) {
    const pieces = source[Symbol.asyncIterator]();
    return {
      next: async () => {
        const piece = await pieces.next();
        return piece.done === true ? piece : { done: false, value: samplesOf(piece.value, sampleRateHz) };
      },
      return: async () => {
        await pieces.return?.();
        return { done: true, value: undefined };
      },
    };
  }
  return once(samplesOf(source, sampleRateHz).slice());
}

function once(samples: Int16Array): AsyncIterator<Int16Array> {
  let given = false;
  return {
    next: () => {
      if (given) return Promise.resolve({ done: true, value: undefined });
      given = true;
      return Promise.resolve({ done: false, value: samples });
    },
  };
}

function isWav(bytes: Uint8Array): boolean {
  return textAt(bytes, 0) === 'RIFF' && textAt(bytes, 8) === 'WAVE';
}

function textAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

function readWavAt(bytes: Uint8Array, sampleRateHz: MediaRateHz): Int16Array {
  try {
    return readWav(bytes, { sampleRateHz });
  } catch (cause) {
    throw invalidArgument('the WAV cannot be read', cause);
  }
}
