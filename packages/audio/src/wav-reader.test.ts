import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeWav } from './wav.ts';
import { chunk, formatBody, pcm16Body, riff } from './wav-fixture.ts';
import type { WavHeader } from './wav-header.ts';
import { createWavReader } from './wav-reader.ts';

const samples = Int16Array.from({ length: 24 }, (_, i) => i * 1000 - 12_000);
const list = chunk('LIST', Uint8Array.of(1, 2, 3, 4, 5));
const stereo = { channels: 2, sampleRateHz: 16000 };
const header: WavHeader = { channels: 2, sampleRateHz: 16000, encoding: 'pcm16' };
const file = riff([list, chunk('fmt ', formatBody(stereo)), list, chunk('data', pcm16Body(samples)), list]);

function readPieces(pieces: readonly Uint8Array[]): { samples: number[]; headers: WavHeader[] } {
  const headers: WavHeader[] = [];
  const reader = createWavReader({ onHeader: (found) => headers.push(found) });
  const read = pieces.flatMap((piece) => [...reader.push(piece)]);
  reader.end();
  return { samples: read, headers };
}

describe('WAV reader', () => {
  it('reads the same at every split point', () => {
    for (let at = 0; at <= file.length; at++) {
      const result = readPieces([file.subarray(0, at), file.subarray(at)]);
      expect(result).toEqual({ samples: [...samples], headers: [header] });
    }
  });

  it('reads the same byte by byte', () => {
    const result = readPieces(Array.from(file, (byte) => Uint8Array.of(byte)));
    expect(result).toEqual({ samples: [...samples], headers: [header] });
  });

  it.each([
    ['pcm8', { tag: 1, bits: 8, channels: 3 }],
    ['pcm24', { tag: 1, bits: 24, channels: 2 }],
    ['float32', { tag: 3, bits: 32, channels: 5, extensible: true }],
    ['ulaw', { tag: 7, bits: 8, channels: 1 }],
  ])('reads %s the same however it is cut', (encoding, fields) => {
    const data = Uint8Array.from({ length: 120 }, (_, i) => (i * 37) & 0x7f);
    const bytes = riff([chunk('fmt ', formatBody(fields)), chunk('data', data)]);
    const whole = readPieces([bytes]);
    expect(whole.headers[0]).toMatchObject({ encoding, channels: fields.channels });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }), (lengths) => {
        const pieces: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const length = lengths[turn % lengths.length] as number;
          pieces.push(bytes.subarray(at, at + length));
          at += length;
        }
        expect(readPieces(pieces)).toEqual(whole);
      }),
    );
  });

  it('hands out whole frames as they come and keeps none of the bytes pushed', () => {
    const reader = createWavReader();
    const start = file.length - list.length - 2 * samples.length;
    expect(reader.push(file.subarray(0, start))).toHaveLength(0);
    expect(reader.header).toEqual(header);
    const piece = file.slice(start, start + 7);
    expect([...reader.push(piece)]).toEqual([...samples.subarray(0, 2)]);
    piece.fill(0);
    expect([...reader.push(file.subarray(start + 7, start + 8))]).toEqual([...samples.subarray(2, 4)]);
  });

  it('tells the header before the data chunk has begun only when it is sure', () => {
    const reader = createWavReader();
    reader.push(riff([chunk('fmt ', formatBody(stereo))]));
    expect(reader.header).toBeUndefined();
    expect(() => reader.end()).toThrow(expect.objectContaining({ code: 'TRUNCATED' }));
  });

  it('drops an incomplete last frame at the end', () => {
    const bytes = encodeWav(samples, stereo);
    expect(readPieces([bytes.subarray(0, bytes.length - 1)]).samples).toEqual([...samples.subarray(0, -2)]);
  });

  it('ignores whatever follows the samples', () => {
    const reader = createWavReader();
    expect(reader.push(file)).toHaveLength(samples.length);
    expect(reader.push(new Uint8Array(1000).fill(255))).toHaveLength(0);
    reader.end();
  });

  it('fails the same way again after it has failed', () => {
    const reader = createWavReader();
    const failure = expect.objectContaining({ name: 'WavError', code: 'NOT_WAV', retryable: false });
    expect(() => reader.push(new Uint8Array(20))).toThrow(failure);
    expect(() => reader.push(file)).toThrow(failure);
    expect(() => reader.end()).toThrow(failure);
  });

  it('ends only in samples or a typed error, whatever bytes it gets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(file.length),
        (changes, length) => {
          const bytes = file.slice(0, length);
          for (const [at, value] of changes) if (at < length) bytes[at] = value;
          try {
            expect(readPieces([bytes]).samples.length).toBeLessThanOrEqual(bytes.length);
          } catch (error) {
            expect(error).toMatchObject({ name: 'WavError' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
