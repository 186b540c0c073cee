import { describe, expect, it } from 'vitest';
import { toBytes } from './pcm.ts';
import { decodeWav, encodeWav } from './wav.ts';
import { createWavWriter } from './wav-writer.ts';

const samples = Int16Array.from({ length: 10 }, (_, i) => i * 3000 - 15_000);

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe('WAV writer', () => {
  it('writes a file that can be read wherever it is cut off', () => {
    const writer = createWavWriter({ sampleRateHz: 24000, channels: 2 });
    const bytes = join(writer.header(), toBytes(samples));
    for (let length = writer.headerBytes; length <= bytes.length; length++) {
      const wav = decodeWav(bytes.subarray(0, length));
      const frames = Math.floor((length - writer.headerBytes) / 4);
      expect(wav).toEqual({ sampleRateHz: 24000, channels: 2, samples: samples.subarray(0, 2 * frames) });
    }
  });

  it('ends as the file that encodeWav writes at once', () => {
    const writer = createWavWriter({ sampleRateHz: 16000 });
    const bytes = join(writer.finalHeader(samples.length), toBytes(samples));
    expect(bytes).toEqual(encodeWav(samples, { sampleRateHz: 16000 }));
  });

  it('has headers of equal length, each in its own memory', () => {
    const writer = createWavWriter({ sampleRateHz: 8000 });
    expect(writer.header()).toHaveLength(writer.headerBytes);
    expect(writer.finalHeader(0)).toHaveLength(writer.headerBytes);
    expect(writer.header()).not.toBe(writer.header());
  });

  it('leaves the length open when it exceeds what a header can say', () => {
    const writer = createWavWriter({ sampleRateHz: 8000 });
    expect(writer.finalHeader(3_000_000_000)).toEqual(writer.header());
  });

  it('refuses counts, rates and channels that make no sense', () => {
    const writer = createWavWriter({ sampleRateHz: 8000 });
    for (const total of [-1, 0.5, Number.NaN]) expect(() => writer.finalHeader(total)).toThrow(RangeError);
    expect(() => createWavWriter({ sampleRateHz: 0 })).toThrow(RangeError);
    expect(() => createWavWriter({ sampleRateHz: 8000, channels: 0 })).toThrow(RangeError);
  });
});
