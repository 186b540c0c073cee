import { speech, type SpeechBand, wordsOf } from '@agentao/audio/speech';

/** A sentence as sound. */
export interface SpokenSentence {
  readonly samples: Int16Array;
  /** One entry a word of the text, in ms from the start; empty where unknown. */
  readonly wordEndsMs: readonly number[];
}

/** How a local model sounds. */
export interface Voice {
  readonly name: string;
  readonly sampleRateHz: number;
  /** The whole sentence as 16-bit mono PCM, and, where it is known, when each word ends. */
  speak(text: string, options: { readonly signal: AbortSignal }): Promise<SpokenSentence>;
}

/** A voice of tones, which tests can read back; see `speech` of `@agentao/audio/speech`. */
export function tonesVoice({
  band = 'high',
  sampleRateHz = 24_000,
}: {
  readonly band?: SpeechBand;
  readonly sampleRateHz?: 8000 | 16_000 | 24_000;
} = {}): Voice {
  return {
    name: 'tones',
    sampleRateHz,
    speak: (text) => {
      const samples = speech.encode(text, { band, sampleRateHz });
      const words = wordsOf(samples, { bands: [band], sampleRateHz });
      return Promise.resolve({ samples, wordEndsMs: words.map(({ endSample }) => (endSample * 1000) / sampleRateHz) });
    },
  };
}
