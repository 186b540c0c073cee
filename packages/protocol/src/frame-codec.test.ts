import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, encodeFrameInto, type MutableFrameHeader, readFrameHeader } from './frame-codec.ts';
import { frameHeaderBytes } from './frame-header.ts';
import { ProtocolError } from './protocol-error.ts';

const header = fc.record({
  track: fc.integer({ min: 0, max: 0xff }),
  generation: fc.integer({ min: 0, max: 0xff }),
  flags: fc.integer({ min: 0, max: 0xffff }),
  position: fc.integer({ min: 0, max: 0xffff_ffff }),
});
const samples = fc.int16Array({ maxLength: 500 });
const someHeader = { track: 3, generation: 1, flags: 0, position: 480 };

function samplesOrClose(bytes: Uint8Array): number | string {
  try {
    return decodeFrame(bytes).samples.length;
  } catch (error) {
    if (error instanceof ProtocolError) return error.closeCode;
    throw error;
  }
}

describe('binary messages', () => {
  it('come back as they were, whatever the offset of the received bytes', () => {
    fc.assert(
      fc.property(header, samples, fc.integer({ min: 0, max: 3 }), (sent, pcm, offset) => {
        const bytes = encodeFrame(sent, pcm);
        const received = new Uint8Array(bytes.length + offset).subarray(offset);
        received.set(bytes);
        const frame = decodeFrame(received);
        expect(frame.header).toEqual(sent);
        expect(frame.samples).toEqual(pcm);
      }),
    );
  });

  it('are encoded from a view in the middle of a buffer', () => {
    const pcm = Int16Array.of(1, 2, 3, 4).subarray(1, 3);
    expect([...decodeFrame(encodeFrame(someHeader, pcm)).samples]).toEqual([2, 3]);
  });

  it('share the memory of the received bytes at an even offset, and are copied at an odd one', () => {
    const bytes = encodeFrame(someHeader, Int16Array.of(7));
    const odd = new Uint8Array(bytes.length + 1).subarray(1);
    odd.set(bytes);
    const shared = decodeFrame(bytes).samples;
    const copied = decodeFrame(odd).samples;
    bytes.fill(0);
    odd.fill(0);
    expect(shared[0]).toBe(0);
    expect(copied[0]).toBe(7);
  });

  it('are refused at every truncation that is no whole message', () => {
    const bytes = encodeFrame(someHeader, Int16Array.of(1, 2, 3));
    const results = Array.from({ length: bytes.length + 1 }, (_, length) => samplesOrClose(bytes.subarray(0, length)));
    const bad = 'BAD_AUDIO';
    expect(results).toEqual([bad, bad, bad, bad, bad, bad, bad, bad, 0, bad, 1, bad, 2, bad, 3]);
  });

  it('decode to their samples, or are refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const whole = bytes.length >= frameHeaderBytes && bytes.length % 2 === 0;
        const sampleCount = (bytes.length - frameHeaderBytes) / 2;
        expect(samplesOrClose(bytes)).toBe(whole ? sampleCount : 'BAD_AUDIO');
      }),
    );
  });

  it('are written to the start of a larger buffer, which keeps the rest', () => {
    const target = new Uint8Array(20).fill(0xaa);
    expect(encodeFrameInto(target, someHeader, Int16Array.of(5))).toBe(10);
    expect(decodeFrame(target.subarray(0, 10)).header).toEqual(someHeader);
    expect([...target.subarray(10)]).toEqual(Array<number>(10).fill(0xaa));
  });

  it('do not fit into a buffer that is too small', () => {
    expect(() => encodeFrameInto(new Uint8Array(9), someHeader, Int16Array.of(5))).toThrow(RangeError);
  });

  it.each([
    ['track', 256],
    ['generation', -1],
    ['flags', 65_536],
    ['position', 2 ** 32],
    ['position', 0.5],
    ['position', Number.NaN],
  ])('refuse to be encoded with %s %d', (field, value) => {
    expect(() => encodeFrame({ ...someHeader, [field]: value }, new Int16Array())).toThrow(field);
  });

  it('have their header read into an object that serves again', () => {
    const into: MutableFrameHeader = { track: 0, generation: 0, flags: 0, position: 0 };
    readFrameHeader(encodeFrame(someHeader, new Int16Array()), into);
    expect(into).toEqual(someHeader);
    readFrameHeader(encodeFrame({ ...someHeader, position: 960 }, new Int16Array()), into);
    expect(into.position).toBe(960);
  });
});
