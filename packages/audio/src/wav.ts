import { toBytes } from './pcm.ts';
import { requireRate } from './resampler-bank.ts';
import { createResampler, type Resampler } from './resampler.ts';
import { WavError } from './wav-error.ts';
import { convertHint, unknownSize, type WavHeader, wavHeaderBytes, writeWavHeader } from './wav-header.ts';
import { createWavReader } from './wav-reader.ts';
import { requireWavOptions, type WavOptions } from './wav-writer.ts';

/** A decoded WAV; `samples` are 16-bit, interleaved, whole frames, owned by the caller. */
export interface WavAudio {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly samples: Int16Array;
}

/** A whole 16-bit PCM WAV file. Throws `RangeError` for options or a length that a header cannot hold. */
export function encodeWav(samples: Int16Array, options: WavOptions): Uint8Array {
  const format = requireWavOptions(options);
  if (samples.length % format.channels !== 0) {
    throw new RangeError(`${samples.length} samples are no whole frames of ${format.channels} channels`);
  }
  if (samples.byteLength + wavHeaderBytes > unknownSize) throw new RangeError('a WAV file holds less than 4 GB');
  const bytes = new Uint8Array(wavHeaderBytes + samples.byteLength);
  writeWavHeader(bytes, format, samples.byteLength);
  bytes.set(toBytes(samples), wavHeaderBytes);
  return bytes;
}

/**
 * Decodes a whole WAV: PCM of 8, 16, 24 and 32 bits, 32-bit float, A-law and mu-law, plain or extensible. Unknown chunks are
 * skipped; a file cut off, or with the open sizes that streaming writers leave, is read as far as it goes. Throws {@link WavError}.
 */
export function decodeWav(bytes: Uint8Array): WavAudio {
  const reader = createWavReader();
  const samples = reader.push(bytes);
  reader.end();
  const { sampleRateHz, channels } = reader.header as WavHeader;
  return { sampleRateHz, channels, samples };
}

/** The mean of the channels of interleaved samples, in a new array. Throws `RangeError` if they are no whole frames. */
export function toMono(samples: Int16Array, channels: number): Int16Array {
  if (!Number.isInteger(channels) || channels < 1 || samples.length % channels !== 0) {
    throw new RangeError(`${samples.length} samples are no whole frames of ${channels} channels`);
  }
  const mono = new Int16Array(samples.length / channels);
  for (let frame = 0, at = 0; frame < mono.length; frame++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += samples[at++] as number;
    mono[frame] = Math.round(sum / channels);
  }
  return mono;
}

/**
 * Any WAV as mono samples at `sampleRateHz`, owned by the caller; n samples of the file give `ceil(n * sampleRateHz / rate of the file)`,
 * with the resampler's delay taken out. Throws {@link WavError}, and `RangeError` for a rate that is none.
 */
export function readWav(bytes: Uint8Array, options: { readonly sampleRateHz: number }): Int16Array {
  requireRate('sampleRateHz', options.sampleRateHz);
  const wav = decodeWav(bytes);
  const mono = toMono(wav.samples, wav.channels);
  if (wav.sampleRateHz === options.sampleRateHz) return mono;
  return resampleWhole(mono, wavResampler(wav.sampleRateHz, options.sampleRateHz));
}

function wavResampler(inputRateHz: number, outputRateHz: number): Resampler {
  try {
    return createResampler({ inputRateHz, outputRateHz });
  } catch (error) {
    const message = `This WAV's sample rate of ${inputRateHz} Hz cannot be turned into ${outputRateHz} Hz. ${convertHint}`;
    throw new WavError('UNSUPPORTED', message, { cause: error });
  }
}

function resampleWhole(samples: Int16Array, resampler: Resampler): Int16Array {
  const length = resampler.outputLength(samples.length);
  const delay = Math.round(resampler.delaySamples);
  const delayed = new Int16Array(length + delay + 1);
  const count = resampler.processInto(samples, delayed);
  delayed.set(resampler.flush().subarray(0, delayed.length - count), count);
  return delayed.slice(delay, delay + length);
}
