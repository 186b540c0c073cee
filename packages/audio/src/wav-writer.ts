import { unknownSize, wavHeaderBytes, writeWavHeader } from './wav-header.ts';

/** What a 16-bit PCM WAV is written with. */
export interface WavOptions {
  readonly sampleRateHz: number;
  /** Channels of the interleaved samples; 1 unless given. */
  readonly channels?: number;
}

/**
 * The headers of a 16-bit PCM WAV that is written while it happens: `header()`, then samples as `toBytes` gives them, at the end
 * `finalHeader` over the first bytes. A file cut off anywhere after its header is read by `decodeWav` up to there.
 */
export interface WavWriter {
  /** Bytes of either header. */
  readonly headerBytes: number;
  /** The header to begin with: length open. */
  header(): Uint8Array;
  /** The header that replaces it once `totalSamples`, all channels counted, are written. Beyond 4 GB the length stays open. */
  finalHeader(totalSamples: number): Uint8Array;
}

/** Makes the headers for one WAV. Throws `RangeError` for a rate or channel count that a header cannot hold. */
export function createWavWriter(options: WavOptions): WavWriter {
  const format = requireWavOptions(options);

  function headerFor(dataBytes: number): Uint8Array {
    const bytes = new Uint8Array(wavHeaderBytes);
    writeWavHeader(bytes, format, dataBytes);
    return bytes;
  }

  return {
    headerBytes: wavHeaderBytes,
    header: () => headerFor(unknownSize),
    finalHeader(totalSamples) {
      if (!Number.isSafeInteger(totalSamples) || totalSamples < 0) {
        throw new RangeError(`totalSamples must be a whole number, got ${totalSamples}`);
      }
      return headerFor(totalSamples * 2);
    },
  };
}

/** Resolves the defaults and checks what goes into a header. Throws `RangeError`. */
export function requireWavOptions({ sampleRateHz, channels = 1 }: WavOptions): Required<WavOptions> {
  if (!Number.isInteger(sampleRateHz) || sampleRateHz < 1 || sampleRateHz > 384_000) {
    throw new RangeError(`sampleRateHz must be a whole number of 1-384000 Hz, got ${sampleRateHz}`);
  }
  if (!Number.isInteger(channels) || channels < 1 || channels > 255) {
    throw new RangeError(`channels must be 1-255, got ${channels}`);
  }
  return { sampleRateHz, channels };
}
