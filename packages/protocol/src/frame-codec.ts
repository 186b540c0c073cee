import { type FrameHeader, frameHeaderBytes } from './frame-header.ts';
import { ProtocolError } from './protocol-error.ts';

/** A `FrameHeader` that `readFrameHeader` fills, so that one object serves every frame of a socket. */
export type MutableFrameHeader = { -readonly [Field in keyof FrameHeader]: FrameHeader[Field] };

/** A decoded binary message. */
export interface Frame {
  readonly header: FrameHeader;
  readonly samples: Int16Array;
}

const maxByte = 0xff;
const maxFlags = 0xffff;
const maxPosition = 0xffff_ffff;

/** Encodes one binary message into a buffer of its own. Throws a RangeError for a header field that does not fit its bytes. */
export function encodeFrame(header: FrameHeader, samples: Int16Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frameHeaderBytes + samples.byteLength);
  encodeFrameInto(bytes, header, samples);
  return bytes;
}

/** Encodes one binary message to the start of `target` and returns its length in bytes. Throws a RangeError if it does not fit. */
export function encodeFrameInto(target: Uint8Array, header: FrameHeader, samples: Int16Array): number {
  const frameBytes = frameHeaderBytes + samples.byteLength;
  if (target.byteLength < frameBytes) {
    throw new RangeError(`a frame of ${frameBytes} bytes does not fit into ${target.byteLength}`);
  }
  const { track, generation, flags, position } = header;
  checkField('track', track, maxByte);
  checkField('generation', generation, maxByte);
  checkField('flags', flags, maxFlags);
  checkField('position', position, maxPosition);
  target[0] = track;
  target[1] = generation;
  target[2] = flags;
  target[3] = flags >>> 8;
  target[4] = position;
  target[5] = position >>> 8;
  target[6] = position >>> 16;
  target[7] = position >>> 24;
  target.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), frameHeaderBytes);
  return frameBytes;
}

/**
 * Decodes one binary message. `samples` is a view of `bytes` where its samples begin at an even offset of the
 * underlying buffer, else a copy: copy before you keep them. Throws ProtocolError BAD_AUDIO as `readFrameHeader` does.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  const header: MutableFrameHeader = { track: 0, generation: 0, flags: 0, position: 0 };
  readFrameHeader(bytes, header);
  return { header, samples: frameSamples(bytes) };
}

/** Fills `into` from the first 8 bytes and allocates nothing. Throws ProtocolError BAD_AUDIO on fewer than 8 bytes or half a sample. */
export function readFrameHeader(bytes: Uint8Array, into: MutableFrameHeader): void {
  const frameBytes = bytes.byteLength;
  if (frameBytes < frameHeaderBytes) {
    throw new ProtocolError('BAD_AUDIO', `a binary message of ${frameBytes} bytes is shorter than its header`);
  }
  if (frameBytes % 2 !== 0) {
    throw new ProtocolError('BAD_AUDIO', `a binary message of ${frameBytes} bytes ends in half a sample`);
  }
  into.track = bytes[0] ?? 0;
  into.generation = bytes[1] ?? 0;
  into.flags = (bytes[2] ?? 0) | ((bytes[3] ?? 0) << 8);
  into.position = ((bytes[4] ?? 0) | ((bytes[5] ?? 0) << 8) | ((bytes[6] ?? 0) << 16) | ((bytes[7] ?? 0) << 24)) >>> 0;
}

/** The samples of a message that `readFrameHeader` has accepted: a view, or a copy where the buffer's offset is odd. */
export function frameSamples(bytes: Uint8Array): Int16Array {
  const start = bytes.byteOffset + frameHeaderBytes;
  const samples = (bytes.byteLength - frameHeaderBytes) / 2;
  if (start % 2 === 0) return new Int16Array(bytes.buffer, start, samples);
  return new Int16Array(bytes.slice(frameHeaderBytes).buffer);
}

function checkField(name: string, value: number, max: number): void {
  if (!(value >= 0 && value <= max && Number.isInteger(value))) {
    throw new RangeError(`${name} must be a whole number from 0 to ${max}, not ${value}`);
  }
}
