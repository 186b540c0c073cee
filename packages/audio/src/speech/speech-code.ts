/**
 * Where a voice lies in the telephone's 300 to 3,400 Hz. Voices in different bands can be told apart when they speak at the same time; two in
 * the same band cannot.
 */
export type SpeechBand = 'low' | 'middle' | 'high';

/** All bands, lowest first. */
export const speechBands: readonly SpeechBand[] = ['low', 'middle', 'high'];

/** The lowest tone of each band, in Hz; the highest is 850 Hz above it. */
export const bandStartHz: Readonly<Record<SpeechBand, number>> = { low: 350, middle: 1350, high: 2350 };

/** Between tones. A window of 20 ms tells such tones apart exactly. */
export const toneSpacingHz = 50;

/** Tones 0 to 15 are half a byte each; one more begins a word, and one ends its bytes: behind it comes the checksum. */
export const beginTone = 16;
export const endTone = 17;
export const bandTones = 18;

/** Each tone sounds for 25 ms, its ends rounded for 2.5 ms, so that 20 ms are steady. */
export const symbolMs = 25;
export const rampMs = 2.5;
/** Silence behind each word. */
export const wordGapMs = 50;
/** Longest word in bytes of UTF-8; a longer one is spoken in pieces. */
export const maxWordBytes = 64;

/** CRC-8 (polynomial 07) of a word's bytes. */
export function checksum(bytes: readonly number[]): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? 0x07 : 0)) & 0xff;
  }
  return crc;
}

/** UTF-8; lone surrogates become U+FFFD. */
export function toUtf8(text: string): number[] {
  const bytes: number[] = [];
  const escaped = encodeURIComponent(text.toWellFormed());
  for (let at = 0; at < escaped.length; at++) {
    if (escaped[at] !== '%') bytes.push(escaped.charCodeAt(at));
    else {
      bytes.push(Number.parseInt(escaped.slice(at + 1, at + 3), 16));
      at += 2;
    }
  }
  return bytes;
}

/** The text of UTF-8 up to its last whole character; `undefined` if it is none. */
export function fromUtf8(bytes: readonly number[]): string | undefined {
  for (let cut = 0; cut < 4 && cut <= bytes.length; cut++) {
    const whole = bytes.slice(0, bytes.length - cut);
    try {
      return decodeURIComponent(whole.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
    } catch {
      // The last character may have been cut in two.
    }
  }
  return undefined;
}
