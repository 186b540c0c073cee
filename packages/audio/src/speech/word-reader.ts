import { bandTones, beginTone, checksum, endTone, fromUtf8, maxWordBytes, symbolMs } from './speech-code.ts';
import { hopSamples, spectrumRateHz } from './speech-spectrum.ts';

/** A word as it was found, in hops of 2.5 ms: where its first tone began and its last one ended. */
export interface ReadWord {
  readonly text: string;
  readonly complete: boolean;
  readonly startHop: number;
  readonly endHop: number;
}

/** Reads the words of one band. */
export interface WordReader {
  /** The tones' energies over the 20 ms up to and with hop `hop`, one after another. */
  hop(hop: number, energies: Float64Array): void;
}

const symbolHops = (symbolMs * spectrumRateHz) / 1000 / hopSamples;
/** From the end of a tone's steady part to the end of the tone. */
const rampHops = 1;
/** The tone that begins a word is located where it is loudest; found when it has been less loud for so long. */
const settleHops = 4;
/** -55 dBFS: below telephone speech by far. */
const leastEnergy = 10 ** -5.5;
/** Share of the band that one tone must have to be one. */
const leastShare = 0.5;

/** Starts between words. `onWord` is called within `hop`: for a whole word, and for the whole characters of one that was cut off. */
export function createWordReader(onWord: (word: ReadWord) => void): WordReader {
  let loudest = 0;
  let loudestHop = 0;
  /** Where the next tone of the word is read; 0 between words. */
  let nextHop = 0;
  let startHop = 0;
  let halves: number[] = [];
  /** Of the tones in {@link halves}, how many are the word's; the rest are its checksum. `undefined` while it is being said. */
  let wordHalves: number | undefined;

  const loudestTone = (energies: Float64Array): number | undefined => {
    let best = 0;
    let sum = 0;
    for (let tone = 0; tone < bandTones; tone++) {
      const energy = energies[tone] as number;
      sum += energy;
      if (energy > (energies[best] as number)) best = tone;
    }
    const energy = energies[best] as number;
    return energy >= leastEnergy && energy >= leastShare * sum ? best : undefined;
  };

  const endWord = (endHop: number): void => {
    nextHop = 0;
    loudest = 0;
    const bytes: number[] = [];
    for (let i = 0; i + 1 < halves.length; i += 2) bytes.push(((halves[i] as number) << 4) | (halves[i + 1] as number));
    const checked = wordHalves !== undefined && halves.length === wordHalves + 2;
    const crc = checked ? bytes.pop() : undefined;
    // Sounds that are no word, or one that others have drowned.
    if (checked && crc !== checksum(bytes)) return;
    const text = fromUtf8(bytes.slice(0, (wordHalves ?? halves.length) >> 1));
    if (text !== undefined && text !== '') onWord({ text, complete: checked, startHop, endHop });
  };

  const seek = (hop: number, tone: number | undefined, energies: Float64Array): void => {
    const energy = energies[beginTone] as number;
    if (tone === beginTone && energy > loudest) {
      loudest = energy;
      loudestHop = hop;
    } else if (loudest > 0 && hop - loudestHop >= settleHops) {
      halves = [];
      wordHalves = undefined;
      startHop = loudestHop + rampHops - symbolHops;
      nextHop = loudestHop + symbolHops;
    }
  };

  return {
    hop(hop, energies) {
      if (nextHop === 0) {
        seek(hop, loudestTone(energies), energies);
        return;
      }
      if (hop < nextHop) return;
      const tone = loudestTone(energies);
      const cut = tone === undefined || tone === beginTone || halves.length > 2 * maxWordBytes + 2;
      if (cut || (tone === endTone && wordHalves !== undefined)) {
        endWord(hop - symbolHops + rampHops);
        if (tone === beginTone) seek(hop, tone, energies);
        return;
      }
      nextHop += symbolHops;
      if (tone === endTone) wordHalves = halves.length;
      else halves.push(tone);
      if (wordHalves !== undefined && halves.length === wordHalves + 2) endWord(hop + rampHops);
    },
  };
}
