import { createResampler } from '../resampler.ts';
import { bandTones, type SpeechBand, speechBands } from './speech-code.ts';
import { createSpeechSpectrum, hopSamples, spectrumRateHz } from './speech-spectrum.ts';
import { createWordReader, type ReadWord } from './word-reader.ts';

/** A word that was heard. */
export interface SpokenWord {
  /** Of a word that was cut off, the letters that were whole. */
  readonly text: string;
  readonly band: SpeechBand;
  /** False if the sound stopped in the middle of it. */
  readonly complete: boolean;
  /** Position of its first sample, counted from the first one pushed, to 2.5 ms. */
  readonly startSample: number;
  /** Position behind its last sample. */
  readonly endSample: number;
}

/** Options of {@link createSpeechDecoder}. */
export interface SpeechDecoderOptions {
  /** One of the rates of the resampler; default 24,000. */
  readonly sampleRateHz?: number;
  /** Which voices are listened to; default all. */
  readonly bands?: readonly SpeechBand[];
  /** Called within `push`, some 15 ms after the word's end, in the order in which words end. */
  readonly onWord: (word: SpokenWord) => void;
}

/** Understands tone-coded speech as it comes, however the stream is cut. */
export interface SpeechDecoder {
  push(samples: Int16Array): void;
  /** Ends the stream: a word that is not over is reported as cut off. */
  flush(): void;
}

/**
 * Makes a decoder of tone-coded speech. It understands several voices at once if each has a band of its own, survives G.711, resampling and other
 * sounds that are quieter, and invents no words: each has a checksum. Throws `RangeError` for a rate that the resampler lacks.
 */
export function createSpeechDecoder(options: SpeechDecoderOptions): SpeechDecoder {
  const { sampleRateHz = 24_000, bands = speechBands, onWord } = options;
  const resampler = createResampler({ inputRateHz: sampleRateHz, outputRateHz: spectrumRateHz });
  const spectrum = createSpeechSpectrum();
  let hops = 0;

  const positionOf = (hop: number): number => {
    const at = hop * hopSamples - resampler.delaySamples;
    return Math.max(0, Math.round((at * sampleRateHz) / spectrumRateHz));
  };
  const voices = speechBands.flatMap((band, index) => {
    if (!bands.includes(band)) return [];
    const energies = spectrum.energies.subarray(index * bandTones, (index + 1) * bandTones);
    const report = ({ startHop, endHop, ...word }: ReadWord): void =>
      onWord({ ...word, band, startSample: positionOf(startHop), endSample: positionOf(endHop) });
    return [{ reader: createWordReader(report), energies }];
  });
  const onHop = (): void => {
    hops++;
    for (const { reader, energies } of voices) reader.hop(hops, energies);
  };

  return {
    push: (samples) => spectrum.push(resampler.process(samples), onHop),
    flush: () => {
      spectrum.push(resampler.flush(), onHop);
      // A tone's length of silence ends whatever word is under way.
      spectrum.push(new Int16Array(spectrumRateHz / 10), onHop);
    },
  };
}

/** How a recording is listened to. */
export type HearOptions = Omit<SpeechDecoderOptions, 'onWord'>;

/** All words of a recording, in the order in which they begin. */
export function wordsOf(samples: Int16Array, options: HearOptions = {}): SpokenWord[] {
  const words: SpokenWord[] = [];
  const decoder = createSpeechDecoder({ ...options, onWord: (word) => words.push(word) });
  decoder.push(samples);
  decoder.flush();
  return words.sort((one, other) => one.startSample - other.startSample);
}
