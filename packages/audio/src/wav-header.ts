import { type WavEncoding, wavEncodingBytes } from './wav-encoding.ts';
import { WavError } from './wav-error.ts';

/** What a WAV says about itself before its first sample. */
export interface WavHeader {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** How the file stores samples; they are handed out as 16-bit PCM whatever it is. */
  readonly encoding: WavEncoding;
}

/** Bytes of a `fmt ` chunk that matter: up to the end of the extensible form. */
export const formatChunkBytes = 40;

/** The size field of a file whose writer did not know the length yet. */
export const unknownSize = 0xffff_ffff;

const formatTags: ReadonlyMap<number, string> = new Map([
  [1, 'pcm'],
  [3, 'float'],
  [6, 'alaw'],
  [7, 'ulaw'],
]);
const extensibleTag = 0xfffe;

const encodings: ReadonlyMap<string, WavEncoding> = new Map([
  ['pcm 8', 'pcm8'],
  ['pcm 16', 'pcm16'],
  ['pcm 24', 'pcm24'],
  ['pcm 32', 'pcm32'],
  ['float 32', 'float32'],
  ['alaw 8', 'alaw'],
  ['ulaw 8', 'ulaw'],
]);

/** The tail that turns a format tag into the sub-format GUID of WAVE_FORMAT_EXTENSIBLE, KSDATAFORMAT_SUBTYPE_*. */
const subFormatTail = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71];

/** Reads the body of a `fmt ` chunk (RIFF MCI 1991, WAVEFORMATEX, WAVEFORMATEXTENSIBLE). Throws {@link WavError}. */
export function parseFormatChunk(bytes: Uint8Array): WavHeader {
  if (bytes.length < 16) throw malformed(`its fmt chunk has ${bytes.length} bytes instead of 16 or more`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = view.getUint16(0, true);
  const channels = view.getUint16(2, true);
  const sampleRateHz = view.getUint32(4, true);
  const frameBytes = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  if (channels === 0) throw malformed('it has no channel');
  if (sampleRateHz === 0) throw malformed('its sample rate is 0 Hz');

  const kind = tag === extensibleTag ? formatTags.get(extensibleSubTag(bytes, view)) : formatTags.get(tag);
  const encoding = encodings.get(`${kind} ${bits}`);
  if (encoding === undefined) {
    const found = kind === undefined ? `format tag ${tag}` : `${bits}-bit ${kind}`;
    throw new WavError('UNSUPPORTED', `This WAV holds ${found} samples. ${convertHint}`);
  }
  if (frameBytes !== channels * wavEncodingBytes[encoding]) {
    throw malformed(`${channels} channels of ${bits} bits do not make frames of ${frameBytes} bytes`);
  }
  return { sampleRateHz, channels, encoding };
}

/** What somebody with a WAV that is not read can do. */
export const convertHint: string =
  'Convert it to 16-bit PCM first, for example with: sox in.wav -b 16 -e signed-integer out.wav';

export function malformed(reason: string): WavError {
  return new WavError('MALFORMED', `This WAV contradicts itself: ${reason}. Export it again from its source.`);
}

/** The format tag inside an extensible sub-format GUID, or -1 if the GUID is of another family. */
function extensibleSubTag(bytes: Uint8Array, view: DataView): number {
  if (bytes.length < formatChunkBytes) throw malformed('its extensible fmt chunk is too short');
  return subFormatTail.every((byte, i) => bytes[26 + i] === byte) ? view.getUint16(24, true) : -1;
}

/** Bytes of the header that {@link writeWavHeader} makes. */
export const wavHeaderBytes = 44;

/** Writes the canonical 44-byte header of a 16-bit PCM WAV to the start of `out`. `dataBytes` of `unknownSize` marks a stream. */
export function writeWavHeader(out: Uint8Array, header: Omit<WavHeader, 'encoding'>, dataBytes: number): void {
  const { sampleRateHz, channels } = header;
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  view.setUint32(0, 0x5249_4646); // RIFF
  view.setUint32(4, Math.min(dataBytes + wavHeaderBytes - 8, unknownSize), true);
  view.setUint32(8, 0x5741_5645); // WAVE
  view.setUint32(12, 0x666d_7420); // fmt
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  view.setUint32(36, 0x6461_7461); // data
  view.setUint32(40, Math.min(dataBytes, unknownSize), true);
}
