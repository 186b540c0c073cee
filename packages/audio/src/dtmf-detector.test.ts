import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dtmf } from './dtmf.ts';
import { createDtmfDetector } from './dtmf-detector.ts';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';
import { levelDb } from './level.ts';
import { createResampler } from './resampler.ts';
import { add, noise, speechLike } from './signal-fixture.ts';
import { tone } from './tone.ts';

const keys = '123A456B789C*0#D';

interface Heard {
  readonly digit: string;
  readonly startMs: number;
  readonly durationMs: number;
}

function detect(samples: Int16Array, sampleRateHz: number, chunks: readonly number[] = [160]): Heard[] {
  const heard: Heard[] = [];
  const detector = createDtmfDetector({
    sampleRateHz,
    onDigit: (digit, { startSample, durationMs }) =>
      heard.push({ digit, startMs: (1000 * startSample) / sampleRateHz, durationMs }),
  });
  for (let at = 0, turn = 0; at < samples.length; turn++) {
    const length = chunks[turn % chunks.length] as number;
    detector.push(samples.subarray(at, at + length));
    at += length;
  }
  detector.flush();
  return heard;
}

const digitsOf = (heard: readonly Heard[]) => heard.map(({ digit }) => digit).join('');

interface Pair {
  readonly row: number;
  readonly column: number;
  readonly rowDb?: number;
  readonly columnDb?: number;
  readonly durationMs: number;
}

/** Two tones that may break the rules, at every alignment to the detector's windows, at 8000 Hz: what share is taken for a digit. */
function acceptedShare(pair: Pair): number {
  let accepted = 0;
  const leads = [0, 5, 11, 17, 22, 28, 33, 39];
  for (const lead of leads) {
    const common = { sampleRateHz: 8000, durationMs: pair.durationMs };
    const row = tone({ ...common, frequencyHz: pair.row, levelDb: pair.rowDb ?? -15 });
    const column = tone({ ...common, frequencyHz: pair.column, levelDb: pair.columnDb ?? -15 });
    const samples = new Int16Array(lead + row.length + 800);
    samples.set(add(row, column), lead);
    accepted += detect(samples, 8000).length;
  }
  return accepted / leads.length;
}

const corners: (readonly [number, number])[] = [
  [697, 1209],
  [770, 1336],
  [852, 1477],
  [941, 1633],
];

describe.each([8000, 16000, 24000])('DTMF detector at %i Hz', (sampleRateHz) => {
  it('hears all 16 keys at 40 ms with pauses of 40 ms, where they are', () => {
    const heard = detect(dtmf(keys, { sampleRateHz, toneMs: 40, gapMs: 40 }), sampleRateHz);
    expect(digitsOf(heard)).toBe(keys);
    for (const [i, { startMs, durationMs }] of heard.entries()) {
      expect(Math.abs(startMs - 80 * i)).toBeLessThanOrEqual(6);
      expect(Math.abs(durationMs - 40)).toBeLessThanOrEqual(10);
    }
  });

  it('hears the same however the stream is cut', () => {
    const samples = add(dtmf('159D*0', { sampleRateHz, toneMs: 60, gapMs: 50 }), noise(sampleRateHz, -45));
    const whole = detect(samples, sampleRateHz, [samples.length]);
    expect(digitsOf(whole)).toBe('159D*0');
    const lengths = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lengths, (chunks) => {
        expect(detect(samples, sampleRateHz, chunks)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('hears every digit under noise 12 dB below it', () => {
    const samples = dtmf(keys.repeat(3), { sampleRateHz, toneMs: 50, gapMs: 50, levelDb: -20 });
    expect(digitsOf(detect(add(samples, noise(samples.length, -17 - 12)), sampleRateHz))).toBe(keys.repeat(3));
  });

  it('hears no digit in two minutes of something like speech', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const speech = speechLike(30, sampleRateHz, seed);
      expect(levelDb(speech)).toBeGreaterThan(-35);
      expect(detect(speech, sampleRateHz)).toEqual([]);
    }
  });

  it('hears no digit in noise, single tones or silence', () => {
    expect(detect(noise(10 * sampleRateHz, -15), sampleRateHz)).toEqual([]);
    expect(detect(new Int16Array(sampleRateHz), sampleRateHz)).toEqual([]);
    for (const frequencyHz of [425, 697, 941, 1209, 1633, [440, 480], [350, 440], [697, 770], [1209, 1477]]) {
      expect(detect(tone({ frequencyHz, sampleRateHz, levelDb: -10, durationMs: 300 }), sampleRateHz)).toEqual([]);
    }
  });
});

describe('DTMF detector', () => {
  it('takes every tone of 40 ms and none of 23 ms', () => {
    for (const [row, column] of corners) {
      expect(acceptedShare({ row, column, durationMs: 40 })).toBe(1);
      expect(acceptedShare({ row, column, durationMs: 23 })).toBe(0);
    }
  });

  it('takes frequencies off by 1.5 % and refuses those off by 3.5 %', () => {
    for (const [row, column] of corners) {
      for (const sign of [-1, 1]) {
        const near = 1 + 0.015 * sign;
        const far = 1 + 0.035 * sign;
        expect(acceptedShare({ row: row * near, column: column * near, durationMs: 40 })).toBe(1);
        expect(acceptedShare({ row: row * near, column: column / near, durationMs: 40 })).toBe(1);
        expect(acceptedShare({ row: row * far, column, durationMs: 60 })).toBe(0);
        expect(acceptedShare({ row, column: column * far, durationMs: 60 })).toBe(0);
      }
    }
  });

  it('takes a twist of 8 dB either way and refuses 14 dB', () => {
    for (const [row, column] of corners) {
      expect(acceptedShare({ row, column, rowDb: -23, durationMs: 40 })).toBe(1);
      expect(acceptedShare({ row, column, columnDb: -23, durationMs: 40 })).toBe(1);
      expect(acceptedShare({ row, column, rowDb: -29, durationMs: 60 })).toBe(0);
      expect(acceptedShare({ row, column, columnDb: -29, durationMs: 60 })).toBe(0);
    }
  });

  it('takes tones from -4 dB down to -36 dB and refuses -45 dB', () => {
    const levels: [number, number][] = [
      [-4, 1],
      [-36, 1],
      [-45, 0],
    ];
    for (const [level, share] of levels) {
      expect(acceptedShare({ row: 770, column: 1477, rowDb: level, columnDb: level, durationMs: 50 })).toBe(share);
    }
  });

  it('bridges a pause of 10 ms and parts digits at one of 30 ms', () => {
    for (const lead of [0, 9, 18, 27, 36]) {
      const press = (gapMs: number) => {
        const samples = new Int16Array(lead + 4000);
        samples.set(dtmf('55', { sampleRateHz: 8000, toneMs: 60, gapMs }), lead);
        return digitsOf(detect(samples, 8000));
      };
      expect(press(10)).toBe('5');
      expect(press(30)).toBe('55');
    }
  });

  it('reports a long digit once, with its length', () => {
    const heard = detect(dtmf('8', { sampleRateHz: 8000, toneMs: 3000 }), 8000);
    expect(heard).toHaveLength(1);
    expect(Math.abs((heard[0] as Heard).durationMs - 3000)).toBeLessThanOrEqual(10);
  });

  it('tells two digits apart that follow each other without a pause', () => {
    expect(digitsOf(detect(dtmf('1590', { sampleRateHz: 8000, toneMs: 80, gapMs: 0 }), 8000))).toBe('1590');
  });

  it('reports a digit within 40 ms of its end, while the stream goes on', () => {
    const digits: string[] = [];
    const detector = createDtmfDetector({ sampleRateHz: 8000, onDigit: (digit) => digits.push(digit) });
    detector.push(dtmf('4', { sampleRateHz: 8000, gapMs: 0 }));
    expect(digits).toEqual([]);
    detector.push(new Int16Array(320));
    expect(digits).toEqual(['4']);
  });

  it('reports a digit that still sounds at the flush, then counts from 0 again', () => {
    const starts: number[] = [];
    const detector = createDtmfDetector({
      sampleRateHz: 8000,
      onDigit: (_, { startSample }) => starts.push(startSample),
    });
    for (let i = 0; i < 2; i++) {
      detector.push(new Int16Array(800));
      detector.push(dtmf('4', { sampleRateHz: 8000, gapMs: 0 }));
      detector.flush();
    }
    expect(starts).toHaveLength(2);
    for (const start of starts) expect(Math.abs(start - 800)).toBeLessThanOrEqual(48);
  });

  it('hears digits through G.711 and a change of rate', () => {
    const samples = dtmf(keys, { sampleRateHz: 8000, toneMs: 50, gapMs: 50, levelDb: -12 });
    expect(digitsOf(detect(decodeUlaw(encodeUlaw(samples)), 8000))).toBe(keys);
    expect(digitsOf(detect(decodeAlaw(encodeAlaw(samples)), 8000))).toBe(keys);
    const resampler = createResampler({ inputRateHz: 8000, outputRateHz: 24000 });
    expect(digitsOf(detect(resampler.process(samples), 24000))).toBe(keys);
  });

  it('refuses a rate below 8000 Hz', () => {
    expect(() => createDtmfDetector({ sampleRateHz: 4000, onDigit: () => undefined })).toThrow(RangeError);
  });
});
