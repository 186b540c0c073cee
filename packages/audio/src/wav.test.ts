import { describe, expect, it } from 'vitest';
import { levelDb } from './level.ts';
import { tone } from './tone.ts';
import { toneLevelDb } from './tone-level.ts';
import { decodeWav, encodeWav, readWav, toMono } from './wav.ts';
import { chunk, formatBody, pcm16Body, riff } from './wav-fixture.ts';

const samples = Int16Array.of(0, 1, -1, 32767, -32768, 1234);

function codeOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'no error';
}

describe('encodeWav', () => {
  it('writes the canonical header, byte for byte', () => {
    const bytes = encodeWav(Int16Array.of(1, -2), { sampleRateHz: 8000 });
    const expected = '524946462800000057415645666d74201000000001000100401f0000803e00000200100064617461040000000100feff';
    expect(Buffer.from(bytes).toString('hex')).toBe(expected);
  });

  it('is undone by decodeWav', () => {
    expect(decodeWav(encodeWav(samples, { sampleRateHz: 24000 }))).toEqual({
      sampleRateHz: 24000,
      channels: 1,
      samples,
    });
    const stereo = decodeWav(encodeWav(samples, { sampleRateHz: 44100, channels: 2 }));
    expect(stereo).toEqual({ sampleRateHz: 44100, channels: 2, samples });
  });

  it('writes a file without samples that reads as such', () => {
    expect(decodeWav(encodeWav(new Int16Array(0), { sampleRateHz: 8000 })).samples).toHaveLength(0);
  });

  it('refuses what a header cannot say', () => {
    for (const sampleRateHz of [0, -1, 8000.5, Number.NaN, 1e9]) {
      expect(() => encodeWav(samples, { sampleRateHz })).toThrow(RangeError);
    }
    for (const channels of [0, 1.5, 256]) {
      expect(() => encodeWav(samples, { sampleRateHz: 8000, channels })).toThrow(RangeError);
    }
    expect(() => encodeWav(Int16Array.of(1), { sampleRateHz: 8000, channels: 2 })).toThrow(RangeError);
  });
});

describe('decodeWav', () => {
  const float = (values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
  const int32 = (values: number[]) => new Uint8Array(Int32Array.from(values).buffer);
  const encodings: [string, Uint8Array, Uint8Array, number[]][] = [
    ['8-bit PCM', formatBody({ tag: 1, bits: 8 }), Uint8Array.of(0, 128, 129, 255), [-32768, 0, 256, 32512]],
    ['16-bit PCM', formatBody({ tag: 1, bits: 16 }), Uint8Array.of(1, 0, 0xfe, 0xff), [1, -2]],
    [
      '24-bit PCM',
      formatBody({ tag: 1, bits: 24 }),
      Uint8Array.of(0x7f, 1, 0, 0x80, 1, 0, 0, 0, 0x80, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff),
      [1, 2, -32768, 32767, 0],
    ],
    [
      '32-bit PCM',
      formatBody({ tag: 1, bits: 32 }),
      int32([65_536, -65_536, 0x7fff_ffff, -0x8000_0000, 32_767]),
      [1, -1, 32767, -32768, 0],
    ],
    [
      '32-bit float',
      formatBody({ tag: 3, bits: 32 }),
      float([0, 0.5, -0.5, 1, -1, 7, -7, Number.NaN, Number.POSITIVE_INFINITY]),
      [0, 16384, -16384, 32767, -32768, 32767, -32768, 0, 32767],
    ],
    ['A-law', formatBody({ tag: 6, bits: 8 }), Uint8Array.of(0xd5, 0x2a), [8, -32256]],
    ['mu-law', formatBody({ tag: 7, bits: 8 }), Uint8Array.of(0xff, 0x00), [0, -32124]],
    [
      'extensible 16-bit PCM',
      formatBody({ tag: 1, bits: 16, extensible: true }),
      Uint8Array.of(1, 0, 0xfe, 0xff),
      [1, -2],
    ],
    ['extensible float', formatBody({ tag: 3, bits: 32, extensible: true }), float([0.25]), [8192]],
    ['16-bit PCM with an extended format chunk', formatBody({ tag: 1, bits: 16, extra: 2 }), Uint8Array.of(5, 0), [5]],
  ];

  it.each(encodings)('reads %s', (_name, format, data, expected) => {
    const wav = decodeWav(riff([chunk('fmt ', format), chunk('data', data)]));
    expect([...wav.samples]).toEqual(expected);
    expect(wav).toMatchObject({ sampleRateHz: 8000, channels: 1 });
  });

  it('skips unknown chunks before and after, padded to even length', () => {
    const odd = chunk('LIST', Uint8Array.of(1, 2, 3));
    const body = chunk('data', pcm16Body(samples));
    const bytes = riff([odd, chunk('fmt ', formatBody({})), odd, chunk('fact', new Uint8Array(4)), body, odd]);
    expect(decodeWav(bytes).samples).toEqual(samples);
  });

  it('reads a file that is cut off as far as whole frames go', () => {
    const bytes = encodeWav(samples, { sampleRateHz: 8000, channels: 2 });
    for (let length = 44; length <= bytes.length; length++) {
      const frames = Math.floor((length - 44) / 4);
      expect(decodeWav(bytes.subarray(0, length)).samples).toEqual(samples.subarray(0, 2 * frames));
    }
  });

  it('reads to the end when the writer left the sizes open', () => {
    for (const size of [0, 0xffff_ffff]) {
      const bytes = encodeWav(samples, { sampleRateHz: 8000 });
      const view = new DataView(bytes.buffer);
      view.setUint32(4, size, true);
      view.setUint32(40, size, true);
      expect(decodeWav(bytes).samples).toEqual(samples);
    }
    const unpatched = encodeWav(samples, { sampleRateHz: 8000 });
    unpatched.set(encodeWav(new Int16Array(0), { sampleRateHz: 8000 }));
    expect(decodeWav(unpatched).samples).toEqual(samples);
  });

  it('finds no samples in an empty data chunk that others follow', () => {
    const bytes = riff([
      chunk('fmt ', formatBody({})),
      chunk('data', new Uint8Array(0)),
      chunk('LIST', new Uint8Array(8)),
    ]);
    expect(decodeWav(bytes).samples).toHaveLength(0);
  });

  it('reads from an odd byte offset', () => {
    const bytes = encodeWav(samples, { sampleRateHz: 8000 });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(decodeWav(shifted.subarray(1)).samples).toEqual(samples);
  });

  it('allocates by what is there, not by what the file claims', () => {
    const data = chunk('data', Uint8Array.of(1, 0, 2, 0));
    new DataView(data.buffer).setUint32(4, 0xffff_fff0, true);
    const wav = decodeWav(riff([chunk('fmt ', formatBody({})), data]));
    expect([...wav.samples]).toEqual([1, 2]);
    expect(wav.samples.buffer.byteLength).toBe(4);

    const huge = chunk('junk', Uint8Array.of(1, 2));
    new DataView(huge.buffer).setUint32(4, 0xffff_ffff, true);
    expect(codeOf(() => decodeWav(riff([huge])))).toBe('TRUNCATED');
    const hugeFormat = chunk('fmt ', formatBody({}));
    new DataView(hugeFormat.buffer).setUint32(4, 0xffff_fffe, true);
    expect(codeOf(() => decodeWav(riff([hugeFormat])))).toBe('TRUNCATED');
  });

  const good = chunk('data', pcm16Body(samples));
  const failures: [string, string, Uint8Array][] = [
    ['nothing', 'NOT_WAV', new Uint8Array(0)],
    ['a few bytes', 'NOT_WAV', Uint8Array.of(82, 73, 70, 70)],
    ['another kind of file', 'NOT_WAV', new Uint8Array(100)],
    ['a RIFF file that is no WAVE', 'NOT_WAV', Buffer.from('RIFF\x10\0\0\0AVI LIST\0\0\0\0', 'latin1')],
    ['a big-endian RIFX', 'UNSUPPORTED', Buffer.from('RIFX\0\0\0\x10WAVE', 'latin1')],
    ['a 64-bit RF64', 'UNSUPPORTED', Buffer.from('RF64\xff\xff\xff\xffWAVE', 'latin1')],
    ['no chunk at all', 'TRUNCATED', riff([])],
    ['no data chunk', 'TRUNCATED', riff([chunk('fmt ', formatBody({}))])],
    ['data before their format', 'MALFORMED', riff([good, chunk('fmt ', formatBody({}))])],
    ['a short format chunk', 'MALFORMED', riff([chunk('fmt ', new Uint8Array(14)), good])],
    ['an empty format chunk', 'MALFORMED', riff([chunk('fmt ', new Uint8Array(0)), good])],
    ['a short extensible format', 'MALFORMED', riff([chunk('fmt ', formatBody({ tag: 0xfffe })), good])],
    ['no channel', 'MALFORMED', riff([chunk('fmt ', formatBody({ channels: 0 })), good])],
    ['a rate of zero', 'MALFORMED', riff([chunk('fmt ', formatBody({ sampleRateHz: 0 })), good])],
    ['frames of the wrong size', 'MALFORMED', riff([chunk('fmt ', formatBody({ frameBytes: 3 })), good])],
    ['an unknown format tag', 'UNSUPPORTED', riff([chunk('fmt ', formatBody({ tag: 0x55 })), good])],
    ['12-bit PCM', 'UNSUPPORTED', riff([chunk('fmt ', formatBody({ bits: 12 })), good])],
    ['64-bit float', 'UNSUPPORTED', riff([chunk('fmt ', formatBody({ tag: 3, bits: 64 })), good])],
    [
      'a foreign sub-format',
      'UNSUPPORTED',
      riff([chunk('fmt ', formatBody({ extensible: true, subFormatTail: 0xff })), good]),
    ],
  ];

  it.each(failures)('refuses %s with %s', (_name, code, bytes) => {
    expect(() => decodeWav(bytes)).toThrow(/\. (Check|Convert|Copy|Export|Pass) /);
    expect(codeOf(() => decodeWav(bytes))).toBe(code);
  });
});

describe('toMono', () => {
  it('takes the mean of the channels', () => {
    expect([...toMono(Int16Array.of(1, 3, -32768, -32768, 32767, 32767, 32767, -32768), 2)]).toEqual([
      2, -32768, 32767, 0,
    ]);
  });

  it('copies a single channel', () => {
    const mono = toMono(samples, 1);
    expect(mono).toEqual(samples);
    expect(mono).not.toBe(samples);
  });

  it('refuses samples that are no whole frames', () => {
    expect(() => toMono(samples, 4)).toThrow(RangeError);
    expect(() => toMono(samples, 0)).toThrow(RangeError);
  });
});

describe('readWav', () => {
  it('gives the samples of a file that already has the rate', () => {
    expect(readWav(encodeWav(samples, { sampleRateHz: 16000 }), { sampleRateHz: 16000 })).toEqual(samples);
  });

  it.each([8000, 11025, 22050, 44100, 48000])('brings a file of %i Hz to 24 kHz, aligned in time', (sampleRateHz) => {
    const options = { frequencyHz: 440, sampleRateHz, levelDb: -10, durationMs: 500 };
    const expected = tone({ ...options, sampleRateHz: 24000 });
    const read = readWav(encodeWav(tone(options), { sampleRateHz }), { sampleRateHz: 24000 });
    expect(Math.abs(read.length - expected.length)).toBeLessThanOrEqual(2);
    expect(toneLevelDb(read, { frequencyHz: 440, sampleRateHz: 24000 })).toBeCloseTo(-10, 1);
    // Half a sample of misalignment at 440 Hz would leave a difference of -34 dB.
    const middle = read.subarray(2000, 10_000);
    const difference = middle.map((value, i) => value - (expected[i + 2000] as number));
    expect(levelDb(difference)).toBeLessThan(-34);
  });

  it('mixes channels down', () => {
    const bytes = encodeWav(Int16Array.of(100, 300, -4, -6), { sampleRateHz: 8000, channels: 2 });
    expect([...readWav(bytes, { sampleRateHz: 8000 })]).toEqual([200, -5]);
  });

  it('names a rate that cannot be resampled', () => {
    const bytes = encodeWav(samples, { sampleRateHz: 44101 });
    expect(codeOf(() => readWav(bytes, { sampleRateHz: 24000 }))).toBe('UNSUPPORTED');
    expect(() => readWav(bytes, { sampleRateHz: 24000 })).toThrow(/44101 Hz/);
  });

  it('refuses a wanted rate that is none', () => {
    expect(() => readWav(encodeWav(samples, { sampleRateHz: 8000 }), { sampleRateHz: 0 })).toThrow(RangeError);
  });
});
