import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dtmf } from '../dtmf.ts';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from '../g711.ts';
import { createMixer } from '../mixer.ts';
import { createResampler } from '../resampler.ts';
import { createRingback } from '../ringback.ts';
import { add, noise, speechLike } from '../signal-fixture.ts';
import { createSpeechDecoder, type SpeechBand, speech, speechBands, type SpokenWord, wordsOf } from '../speech.ts';
import { toneLevelDb } from '../tone-level.ts';

const sentence = 'Good morning, how can I help you? Grüße 日本 10:30';
const words = sentence.split(' ');
const text = fc
  .array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.flatMap((part) => part.split(/\s+/)).filter((part) => part !== ''))
  .map((parts) => parts.map((part) => part.toWellFormed()).join(' '));

function resampled(samples: Int16Array, inputRateHz: number, outputRateHz: number): Int16Array {
  const resampler = createResampler({ inputRateHz, outputRateHz });
  const first = resampler.process(samples).slice();
  return Int16Array.from([...first, ...resampler.flush()]);
}

function shifted(samples: Int16Array, by: number): Int16Array {
  const moved = new Int16Array(by + samples.length);
  moved.set(samples, by);
  return moved;
}

describe('tone-coded speech', () => {
  it('is understood in every band at every rate', () => {
    for (const sampleRateHz of [8000, 16_000, 24_000, 48_000]) {
      for (const band of speechBands) {
        expect(speech.decode(speech.encode(sentence, { sampleRateHz, band }), { sampleRateHz })).toBe(sentence);
      }
    }
  });

  it('is understood whatever is said, wherever it begins', () => {
    fc.assert(
      fc.property(text, fc.nat(2_000), fc.constantFrom(...speechBands), (said, offset, band) => {
        expect(speech.decode(shifted(speech.encode(said, { band }), offset))).toBe(said);
      }),
      { numRuns: 40 },
    );
  });

  it('says nothing for an empty text, and speaks a word beyond 64 bytes in pieces', () => {
    expect(speech.encode('  ')).toHaveLength(0);
    const long = 'ü'.repeat(50);
    expect(speech.decode(speech.encode(long)).replaceAll(' ', '')).toBe(long);
  });

  it('takes about as long as a person', () => {
    const minute = speech.encode('seven '.repeat(150)).length / 24_000;
    expect(minute).toBeCloseTo(60, 0);
  });

  it('tells where each word lies, to 2.5 ms', () => {
    const parts = words.map((word) => speech.encode(word));
    const found = wordsOf(speech.encode(sentence));
    let at = 0;
    for (const [index, part] of parts.entries()) {
      const word = found[index] as SpokenWord;
      expect(word.text).toBe(words[index]);
      expect(Math.abs(word.startSample - at)).toBeLessThanOrEqual(60);
      expect(Math.abs(word.endSample - (at + part.length - 1200))).toBeLessThanOrEqual(60);
      at += part.length;
    }
  });

  it('keeps to the band of telephones', () => {
    const samples = speech.encode(sentence.repeat(3), { band: 'high' });
    for (const frequencyHz of [200, 3_700, 4_500]) {
      expect(toneLevelDb(samples, { frequencyHz, sampleRateHz: 24_000 })).toBeLessThan(-70);
    }
  });

  it('refuses a rate and a level that it cannot speak at', () => {
    expect(() => speech.encode('a', { sampleRateHz: 6000 })).toThrow(RangeError);
    expect(() => speech.encode('a', { levelDb: 0 })).toThrow(RangeError);
  });
});

describe('on its way', () => {
  it('survives G.711 at 8,000 Hz and back, as on a telephone', () => {
    for (const [encode, decode] of [
      [encodeUlaw, decodeUlaw],
      [encodeAlaw, decodeAlaw],
    ] as const) {
      const line = decode(encode(resampled(speech.encode(sentence, { levelDb: -35 }), 24_000, 8000)));
      expect(speech.decode(resampled(line, 8000, 24_000))).toBe(sentence);
    }
  });

  it('survives noise 6 dB below it, and clocks that differ by 500 ppm', () => {
    const samples = speech.encode(sentence);
    expect(speech.decode(add(samples, noise(samples.length, -26)))).toBe(sentence);
    const fast = Int16Array.from({ length: Math.floor(samples.length / 1.0005) }, (_, i) => {
      const at = i * 1.0005;
      const low = samples[Math.floor(at)] ?? 0;
      return low + ((samples[Math.floor(at) + 1] ?? 0) - low) * (at % 1);
    });
    expect(speech.decode(fast)).toBe(sentence);
  });

  it('is understood when three speak at once, at levels up to 9 dB apart and however they overlap', () => {
    const mixer = createMixer();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.nat(4_000), fc.integer({ min: -24, max: -15 })), { minLength: 3, maxLength: 3 }),
        (voices) => {
          const sounds = voices.map(([said, offset, levelDb], i) =>
            shifted(speech.encode(said, { band: speechBands[i] as SpeechBand, levelDb }), offset),
          );
          const mix = new Int16Array(Math.max(...sounds.map(({ length }) => length)));
          mixer.mixInto(
            mix,
            sounds.map((sound) => Int16Array.from([...sound, ...new Int16Array(mix.length - sound.length)])),
          );
          const heard = wordsOf(mix);
          for (const [i, [said]] of voices.entries()) {
            const own = heard.filter(({ band }) => band === speechBands[i]);
            expect(own.map((word) => word.text).join(' ')).toBe(said);
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('gives the same words however the stream is cut', () => {
    const samples = speech.encode(sentence);
    const whole = wordsOf(samples);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 40 }), (sizes) => {
        const heard: SpokenWord[] = [];
        const decoder = createSpeechDecoder({ onWord: (word) => heard.push(word) });
        let at = 0;
        for (const size of sizes) decoder.push(samples.subarray(at, (at += size)));
        decoder.push(samples.subarray(Math.min(at, samples.length)));
        decoder.flush();
        expect(heard).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a voice that is cut off', () => {
  it('leaves the words before it whole, and of its own at most the letters that were said, marked', () => {
    const samples = speech.encode(sentence);
    fc.assert(
      fc.property(fc.nat(samples.length - 1), fc.nat(3_000), (cut, pause) => {
        const rest = speech.encode('and on');
        const heard = wordsOf(Int16Array.from([...samples.subarray(0, cut), ...new Int16Array(600 + pause), ...rest]));
        const before = heard.filter(({ startSample }) => startSample < cut - 60);
        const whole = before.filter(({ complete }) => complete).map((word) => word.text);
        expect(whole).toEqual(words.slice(0, whole.length));
        const parts = before.filter(({ complete }) => !complete);
        expect(parts.length).toBeLessThanOrEqual(1);
        for (const part of parts) expect(words[whole.length]?.startsWith(part.text)).toBe(true);
        expect(heard.slice(before.length).map((word) => word.text)).toEqual(['and', 'on']);
      }),
      { numRuns: 40 },
    );
  });

  it('is understood when it begins in the middle of a word', () => {
    const samples = speech.encode(sentence);
    for (let from = 0; from < samples.length; from += 1_111) {
      const heard = wordsOf(samples.subarray(from)).filter(({ complete }) => complete);
      const texts = heard.map((word) => word.text);
      expect(texts).toEqual(words.slice(words.length - texts.length));
    }
  });
});

describe('other sounds', () => {
  it('are no words', () => {
    const ringback = new Int16Array(24_000 * 6);
    createRingback({ sampleRateHz: 24_000 }).fill(ringback);
    const sounds = [
      noise(24_000 * 20, -15),
      speechLike(60, 24_000),
      ringback,
      dtmf('0123456789*#', { sampleRateHz: 24_000 }),
      new Int16Array(24_000),
    ];
    for (const sound of sounds) expect(wordsOf(sound).filter(({ complete }) => complete)).toEqual([]);
  });
});
