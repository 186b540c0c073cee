import { createTone } from './tone.ts';

/** A key of the keypad, `A`-`D` being the fourth column (ITU-T Q.23). */
export type DtmfDigit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '*' | '#' | 'A' | 'B' | 'C' | 'D';

/** Frequencies of the four rows, in Hz (ITU-T Q.23). */
export const dtmfRowsHz: readonly number[] = [697, 770, 852, 941];

/** Frequencies of the four columns, in Hz (ITU-T Q.23). */
export const dtmfColumnsHz: readonly number[] = [1209, 1336, 1477, 1633];

/** The keys row by row. */
export const dtmfKeys: readonly DtmfDigit[] = [...'123A456B789C*0#D'] as DtmfDigit[];

/** Options of {@link dtmf}. */
export interface DtmfOptions {
  readonly sampleRateHz: number;
  /** Length of each digit; 100 unless given. */
  readonly toneMs?: number;
  /** Silence after each digit; 100 unless given. */
  readonly gapMs?: number;
  /** RMS level of each of the two frequencies as `levelDb` reads it; -10 unless given. */
  readonly levelDb?: number;
}

/** The tones of `digits` one after the other, each followed by its gap, in a new array. Throws `RangeError` for a character that is no key. */
export function dtmf(digits: string, options: DtmfOptions): Int16Array {
  const { sampleRateHz, toneMs = 100, gapMs = 100, levelDb = -10 } = options;
  const keys = [...digits].map(keyIndex);
  const toneSamples = Math.round((toneMs * sampleRateHz) / 1000);
  const digitSamples = toneSamples + Math.round((gapMs * sampleRateHz) / 1000);
  const samples = new Int16Array(keys.length * digitSamples);
  for (const [i, key] of keys.entries()) {
    const pair = [dtmfRowsHz[key >> 2] as number, dtmfColumnsHz[key & 3] as number];
    const start = i * digitSamples;
    createTone({ frequencyHz: pair, sampleRateHz, levelDb }).fill(samples.subarray(start, start + toneSamples));
  }
  return samples;
}

function keyIndex(character: string): number {
  const index = dtmfKeys.indexOf(character.toUpperCase() as DtmfDigit);
  if (index < 0) throw new RangeError(`DTMF has the keys 0-9, *, #, A-D; got ${JSON.stringify(character)}`);
  return index;
}
