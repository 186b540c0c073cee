import { describe, expect, it } from 'vitest';
import { isSampleRate, sampleRates, toBytes, toSamples } from './pcm.ts';

const samples = Int16Array.of(0, 1, -1, 258, -32768, 32767);
const littleEndian = [0, 0, 1, 0, 0xff, 0xff, 2, 1, 0, 0x80, 0xff, 0x7f];

describe('sample rates', () => {
  it('are 8, 16 and 24 kHz and nothing else', () => {
    expect(sampleRates).toEqual([8000, 16000, 24000]);
    for (const rate of sampleRates) expect(isSampleRate(rate)).toBe(true);
    for (const other of [0, 8001, 48000, Number.NaN, '8000', null, undefined]) expect(isSampleRate(other)).toBe(false);
  });
});

describe('toSamples', () => {
  it('reads little-endian 16-bit PCM', () => {
    expect(toSamples(Uint8Array.from(littleEndian))).toEqual(samples);
  });

  it('reads from an odd byte offset', () => {
    const shifted = Uint8Array.from([99, ...littleEndian]).subarray(1);
    expect(shifted.byteOffset).toBe(1);
    expect(toSamples(shifted)).toEqual(samples);
  });

  it('copies, also out of a Buffer, whose slice would be a view', () => {
    const bytes = Buffer.from(littleEndian);
    const read = toSamples(bytes);
    bytes.fill(0);
    expect(read).toEqual(samples);
  });

  it('refuses an odd number of bytes', () => {
    expect(() => toSamples(new Uint8Array(3))).toThrow(RangeError);
  });

  it('reads nothing from nothing', () => {
    expect(toSamples(new Uint8Array(0))).toHaveLength(0);
  });
});

describe('toBytes', () => {
  it('gives little-endian bytes of the same memory', () => {
    const source = samples.slice();
    const bytes = toBytes(source);
    expect([...bytes]).toEqual(littleEndian);
    expect(bytes.buffer).toBe(source.buffer);
  });

  it('covers no more than the samples of a view', () => {
    expect([...toBytes(samples.subarray(3, 4))]).toEqual([2, 1]);
  });
});
