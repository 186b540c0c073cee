import { type HearOptions, wordsOf } from './speech/speech-decoder.ts';
import { encodeSpeech } from './speech/speech-encoder.ts';

export { type SpeechBand, speechBands } from './speech/speech-code.ts';
export {
  createSpeechDecoder,
  type HearOptions,
  type SpeechDecoder,
  type SpeechDecoderOptions,
  type SpokenWord,
  wordsOf,
} from './speech/speech-decoder.ts';
export type { SpeechOptions } from './speech/speech-encoder.ts';

/**
 * Tone-coded speech: text as sound that telephones carry and a program understands without error, so that a test can say and hear words. It is no
 * speech for people. What one voice says is exact; several voices at once need a band each.
 */
export const speech: {
  /** As sound: 16-bit mono samples of the caller's own, at 24,000 Hz in the `low` band unless told otherwise. */
  readonly encode: typeof encodeSpeech;
  /** The whole words of a recording, separated by spaces, in the order in which they begin; words that were cut off are left out. */
  readonly decode: (samples: Int16Array, options?: HearOptions) => string;
} = {
  encode: encodeSpeech,
  decode: (samples, options) =>
    wordsOf(samples, options)
      .filter(({ complete }) => complete)
      .map(({ text }) => text)
      .join(' '),
};
