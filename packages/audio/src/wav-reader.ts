import { decodeWavSamples, wavEncodingBytes } from './wav-encoding.ts';
import { WavError } from './wav-error.ts';
import {
  convertHint,
  formatChunkBytes,
  malformed,
  parseFormatChunk,
  unknownSize,
  type WavHeader,
} from './wav-header.ts';

/** Reads a WAV as it arrives, cut anywhere. It never allocates by a size that the file claims, only by what was pushed. */
export interface WavReader {
  /** Known once the first sample is due. */
  readonly header: WavHeader | undefined;
  /** Takes the next bytes, returns the samples completed by them: 16-bit, interleaved, whole frames, owned by the caller. Throws {@link WavError}, from then on always. */
  push(bytes: Uint8Array): Int16Array;
  /** Says that no more bytes come: an incomplete last frame is dropped. Throws {@link WavError} `TRUNCATED` if the samples never began. */
  end(): void;
}

/** Options of {@link createWavReader}. */
export interface WavReaderOptions {
  /** Called once, inside `push`, when the header is known, before any sample is returned. */
  readonly onHeader?: (header: WavHeader) => void;
}

/** Makes a reader for one WAV; the bytes pushed are not kept. Reads what `decodeWav` reads. */
export function createWavReader(options: WavReaderOptions = {}): WavReader {
  return new Reader(options);
}

type Step = 'riff' | 'chunk' | 'format' | 'skip' | 'data' | 'done';

const noSamples = new Int16Array(0);

class Reader implements WavReader {
  readonly #onHeader: ((header: WavHeader) => void) | undefined;
  #step: Step = 'riff';
  #failure: Error | undefined;
  /** Bytes of the file before the one that is read next. */
  #position = 0;
  #riffBytes = 0;
  /** Bytes of the current chunk, its padding included, that are still to come. */
  #remaining = 0;
  /** The piece of the file that is being put together: a header, a `fmt ` body or a frame. */
  #piece = new Uint8Array(formatChunkBytes);
  #pieceBytes = 12;
  #pieceFilled = 0;
  /** From the `fmt ` chunk; published as `header` when the data begin. */
  #format: WavHeader | undefined;
  #header: WavHeader | undefined;

  constructor(options: WavReaderOptions) {
    this.#onHeader = options.onHeader;
  }

  get header(): WavHeader | undefined {
    return this.#header;
  }

  push(bytes: Uint8Array): Int16Array {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return this.#read(bytes);
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
  }

  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#header !== undefined) return;
    if (this.#step === 'riff') {
      throw new WavError('NOT_WAV', 'These bytes are too few for a WAV header. Check that the whole file was read.');
    }
    throw new WavError('TRUNCATED', 'This WAV ends before its first sample. Copy or record it again.');
  }

  #read(bytes: Uint8Array): Int16Array {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#step) {
        case 'riff':
        case 'chunk':
        case 'format':
          at = this.#fillPiece(bytes, at);
          if (this.#pieceFilled === this.#pieceBytes) this.#pieceDone();
          break;
        case 'skip':
          at = this.#skip(bytes, at);
          break;
        case 'data':
          return this.#decode(bytes.subarray(at));
        case 'done':
          return noSamples;
      }
    }
    return noSamples;
  }

  #fillPiece(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#pieceBytes - this.#pieceFilled, bytes.length - at);
    this.#piece.set(bytes.subarray(at, at + count), this.#pieceFilled);
    this.#pieceFilled += count;
    this.#position += count;
    return at + count;
  }

  #expect(step: Step, pieceBytes: number): void {
    this.#step = step;
    this.#pieceBytes = pieceBytes;
    this.#pieceFilled = 0;
  }

  #skip(bytes: Uint8Array, at: number): number {
    const count = Math.min(this.#remaining, bytes.length - at);
    this.#remaining -= count;
    this.#position += count;
    if (this.#remaining === 0) this.#expect('chunk', 8);
    return at + count;
  }

  #pieceDone(): void {
    const view = new DataView(this.#piece.buffer);
    if (this.#step === 'riff') {
      requireWave(fourLetters(view, 0), fourLetters(view, 8));
      this.#riffBytes = view.getUint32(4, true);
      this.#expect('chunk', 8);
    } else if (this.#step === 'chunk') {
      this.#beginChunk(fourLetters(view, 0), view.getUint32(4, true));
    } else {
      this.#format = parseFormatChunk(this.#piece.subarray(0, this.#pieceBytes));
      this.#skipRest(this.#remaining - this.#pieceBytes);
    }
  }

  #skipRest(count: number): void {
    this.#remaining = count;
    this.#expect(count === 0 ? 'chunk' : 'skip', 8);
  }

  #beginChunk(name: string, size: number): void {
    if (name === 'data') {
      this.#beginData(size);
    } else if (name === 'fmt ' && size > 0) {
      this.#remaining = size + (size % 2);
      this.#expect('format', Math.min(size, formatChunkBytes));
    } else {
      this.#skipRest(size + (size % 2));
    }
  }

  #beginData(size: number): void {
    const format = this.#format;
    if (format === undefined) throw malformed('its samples come before its fmt chunk');
    // A writer that streams leaves the size open: all ones, or 0 in a file that by its RIFF size ends right here.
    const open = size === unknownSize || (size === 0 && !this.#moreIsAnnounced());
    this.#remaining = open ? Number.POSITIVE_INFINITY : size;
    const frameBytes = format.channels * wavEncodingBytes[format.encoding];
    if (frameBytes > this.#piece.length) this.#piece = new Uint8Array(frameBytes);
    this.#expect(this.#remaining === 0 ? 'done' : 'data', frameBytes);
    this.#header = format;
    this.#onHeader?.(format);
  }

  #moreIsAnnounced(): boolean {
    return this.#riffBytes !== unknownSize && this.#riffBytes + 8 > this.#position;
  }

  #decode(bytes: Uint8Array): Int16Array {
    const { encoding, channels } = this.#format as WavHeader;
    const frameBytes = this.#pieceBytes;
    const data = bytes.length > this.#remaining ? bytes.subarray(0, this.#remaining) : bytes;
    this.#remaining -= data.length;
    const frames = Math.floor((this.#pieceFilled + data.length) / frameBytes);
    const samples = frames === 0 ? noSamples : new Int16Array(frames * channels);
    let at = 0;
    let decodedFrames = 0;
    if (this.#pieceFilled > 0) {
      at = this.#fillPiece(data, 0);
      if (this.#pieceFilled === frameBytes) {
        decodeWavSamples(encoding, this.#piece.subarray(0, frameBytes), samples.subarray(0, channels));
        decodedFrames = 1;
        this.#pieceFilled = 0;
      }
    }
    const wholeBytes = (frames - decodedFrames) * frameBytes;
    if (wholeBytes > 0) {
      decodeWavSamples(encoding, data.subarray(at, at + wholeBytes), samples.subarray(decodedFrames * channels));
      at += wholeBytes;
    }
    if (at < data.length) this.#fillPiece(data, at);
    if (this.#remaining === 0) this.#step = 'done';
    return samples;
  }
}

function fourLetters(view: DataView, at: number): string {
  return String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
}

function requireWave(container: string, form: string): void {
  if (container === 'RIFX' || container === 'RF64' || container === 'BW64') {
    throw new WavError('UNSUPPORTED', `This WAV is in a ${container} container. ${convertHint}`);
  }
  if (container !== 'RIFF' || form !== 'WAVE') {
    throw new WavError(
      'NOT_WAV',
      'These bytes are no WAV file (RIFF and WAVE are missing at the start). Pass a WAV file.',
    );
  }
}
