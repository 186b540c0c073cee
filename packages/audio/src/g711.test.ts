import { describe, expect, it } from 'vitest';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';

// The rule in its textbook form, segment by segment, after the text of ITU-T G.711 and the reference of G.191.
const ulawSegmentEnds = [0x3f, 0x7f, 0xff, 0x1ff, 0x3ff, 0x7ff, 0xfff, 0x1fff];
const alawSegmentEnds = [0x1f, 0x3f, 0x7f, 0xff, 0x1ff, 0x3ff, 0x7ff];

function referenceUlaw(sample: number): number {
  const negative = sample < 0;
  const magnitude = Math.min(Math.floor((negative ? -sample - 1 : sample) / 4) + 33, 0x1fff);
  const segment = ulawSegmentEnds.findIndex((end) => magnitude <= end);
  const step = Math.floor(magnitude / 2 ** (segment + 1)) % 16;
  const code = segment * 16 + step;
  return negative ? 127 - code : 255 - code;
}

function referenceAlaw(sample: number): number {
  const negative = sample < 0;
  const magnitude = Math.floor((negative ? -sample - 1 : sample) / 16);
  const segment = alawSegmentEnds.findIndex((end) => magnitude <= end);
  const code = segment === 0 ? magnitude : (segment + 1) * 16 + (Math.floor(magnitude / 2 ** segment) % 16);
  return (negative ? code : code + 128) ^ 0x55;
}

/** The middle of the step that a code stands for, on the 16-bit scale. */
function referenceUlawValue(code: number): number {
  const inverted = 255 - code;
  const segment = Math.floor(inverted / 16) % 8;
  const low = (33 + 2 * (inverted % 16)) * 2 ** segment - 33;
  // Adding 0 turns the -0 of code 0x7f into 0.
  return (inverted >= 128 ? -low : low) * 4 + 0;
}

function referenceAlawValue(code: number): number {
  const plain = code ^ 0x55;
  const segment = Math.floor(plain / 16) % 8;
  const step = plain % 16;
  const value = segment === 0 ? 2 * step + 1 : (33 + 2 * step) * 2 ** (segment - 1);
  return (plain >= 128 ? value : -value) * 8;
}

const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const everyCode = Uint8Array.from({ length: 256 }, (_, i) => i);

describe('mu-law', () => {
  it('encodes all 65,536 samples by the G.191 rule', () => {
    expect(encodeUlaw(everySample)).toEqual(Uint8Array.from(everySample, referenceUlaw));
  });

  it('decodes all 256 codes', () => {
    expect([...decodeUlaw(everyCode)]).toEqual([...everyCode].map(referenceUlawValue));
  });

  it('gives the published values', () => {
    const pairs: [number, number][] = [
      [0, 0xff],
      [-1, 0x7f],
      [32767, 0x80],
      [-32768, 0x00],
      [1000, 0xce],
      [-1000, 0x4e],
    ];
    for (const [sample, code] of pairs) expect(encodeUlaw(Int16Array.of(sample))[0]).toBe(code);
    expect([...decodeUlaw(Uint8Array.of(0x00, 0x80, 0x7f, 0xff))]).toEqual([-32124, 32124, 0, 0]);
  });

  it('keeps every code but minus zero through decode and encode', () => {
    const expected = everyCode.slice();
    expected[0x7f] = 0xff;
    expect(encodeUlaw(decodeUlaw(everyCode))).toEqual(expected);
  });
});

describe('A-law', () => {
  it('encodes all 65,536 samples by the G.191 rule', () => {
    expect(encodeAlaw(everySample)).toEqual(Uint8Array.from(everySample, referenceAlaw));
  });

  it('decodes all 256 codes', () => {
    expect([...decodeAlaw(everyCode)]).toEqual([...everyCode].map(referenceAlawValue));
  });

  it('gives the published values', () => {
    const pairs: [number, number][] = [
      [0, 0xd5],
      [-1, 0x55],
      [32767, 0xaa],
      [-32768, 0x2a],
      [1000, 0xfa],
      [-1000, 0x7a],
    ];
    for (const [sample, code] of pairs) expect(encodeAlaw(Int16Array.of(sample))[0]).toBe(code);
    expect([...decodeAlaw(Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a))]).toEqual([8, -8, 32256, -32256]);
  });

  it('keeps every code through decode and encode', () => {
    expect(encodeAlaw(decodeAlaw(everyCode))).toEqual(everyCode);
  });
});

describe('both laws', () => {
  it('mirror a sample and its one complement', () => {
    for (const encode of [encodeUlaw, encodeAlaw]) {
      const codes = encode(everySample);
      expect(codes.map((code) => code ^ 0x80)).toEqual(codes.toReversed());
    }
  });

  it('write into the array they are given and leave its rest alone', () => {
    const bytes = new Uint8Array(4).fill(1);
    expect(encodeUlaw(Int16Array.of(0, 0), bytes)).toBe(bytes);
    expect([...bytes]).toEqual([0xff, 0xff, 1, 1]);
    const samples = new Int16Array(3).fill(1);
    expect(decodeAlaw(Uint8Array.of(0xd5), samples)).toBe(samples);
    expect([...samples]).toEqual([8, 1, 1]);
  });

  it('refuse an array that is too short', () => {
    expect(() => encodeUlaw(new Int16Array(2), new Uint8Array(1))).toThrow(RangeError);
    expect(() => encodeAlaw(new Int16Array(2), new Uint8Array(1))).toThrow(RangeError);
    expect(() => decodeUlaw(new Uint8Array(2), new Int16Array(1))).toThrow(RangeError);
    expect(() => decodeAlaw(new Uint8Array(2), new Int16Array(1))).toThrow(RangeError);
  });
});
