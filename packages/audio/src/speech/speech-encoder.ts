import { dbToAmplitude } from '../level.ts';
import {
  bandStartHz,
  beginTone,
  checksum,
  endTone,
  maxWordBytes,
  rampMs,
  type SpeechBand,
  symbolMs,
  toneSpacingHz,
  toUtf8,
  wordGapMs,
} from './speech-code.ts';

/** How a text is spoken. */
export interface SpeechOptions {
  /** 8,000 or more; default 24,000. */
  readonly sampleRateHz?: number;
  /** Default `low`. */
  readonly band?: SpeechBand;
  /** RMS of a tone in dBFS, default -20. */
  readonly levelDb?: number;
}

/**
 * Speaks a text in tones, word by word, about as fast as a person: a word of five letters takes 0.4 s. Words are what white space separates. Fresh mono
 * samples. Throws `RangeError` for a rate below 8,000 Hz or a level above -3.
 */
export function encodeSpeech(text: string, options: SpeechOptions = {}): Int16Array {
  const { sampleRateHz = 24_000, band = 'low', levelDb = -20 } = options;
  if (!(sampleRateHz >= 8000)) throw new RangeError('sampleRateHz must be at least 8000');
  if (!(levelDb <= -3)) throw new RangeError('levelDb must be at most -3');
  const words = text.split(/\s+/).filter((word) => word !== '');
  const tones = words.flatMap(piecesOf).map(tonesOf);
  const symbols = tones.reduce((sum, { length }) => sum + length, 0);
  const samples = new Int16Array(Math.round(((symbols * symbolMs + tones.length * wordGapMs) * sampleRateHz) / 1000));
  const peak = dbToAmplitude(levelDb) * Math.SQRT2;
  let atMs = 0;
  for (const word of tones) {
    for (const tone of word) {
      const frequencyHz = bandStartHz[band] + tone * toneSpacingHz;
      const from = Math.round((atMs * sampleRateHz) / 1000);
      atMs += symbolMs;
      writeTone(samples.subarray(from, Math.round((atMs * sampleRateHz) / 1000)), { frequencyHz, sampleRateHz, peak });
    }
    atMs += wordGapMs;
  }
  return samples;
}

function piecesOf(word: string): number[][] {
  const bytes = toUtf8(word);
  const pieces: number[][] = [];
  for (let at = 0; at < bytes.length; ) {
    let end = Math.min(at + maxWordBytes, bytes.length);
    // Not within a character.
    while (end < bytes.length && ((bytes[end] as number) & 0xc0) === 0x80) end--;
    pieces.push(bytes.slice(at, end));
    at = end;
  }
  return pieces;
}

function tonesOf(bytes: readonly number[]): number[] {
  const crc = checksum(bytes);
  return [beginTone, ...bytes.flatMap((byte) => [byte >> 4, byte & 15]), endTone, crc >> 4, crc & 15];
}

interface ToneShape {
  readonly frequencyHz: number;
  readonly sampleRateHz: number;
  readonly peak: number;
}

function writeTone(into: Int16Array, { frequencyHz, sampleRateHz, peak }: ToneShape): void {
  const step = (2 * Math.PI * frequencyHz) / sampleRateHz;
  const ramp = (rampMs * sampleRateHz) / 1000;
  for (let i = 0; i < into.length; i++) {
    const edge = Math.min(1, (i + 0.5) / ramp, (into.length - i - 0.5) / ramp);
    into[i] = Math.round(peak * Math.sin(step * i) * Math.sin((Math.PI / 2) * edge) ** 2);
  }
}
