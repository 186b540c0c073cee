import { type SpeechBand, speech } from '@agentao/audio/speech';

/** How a local model sounds. */
export interface Voice {
  readonly name: string;
  readonly sampleRateHz: number;
  /** The whole sentence as 16-bit mono PCM, and, where it is known, when each word ends. Rejects when it cannot be spoken, or is called off. */
  speak(text: string, options: { readonly signal: AbortSignal }): Promise<SpokenSentence>;
}

/** A sentence as sound. */
export interface SpokenSentence {
  readonly samples: Int16Array;
  /** One entry a word of the text, in ms from the start; empty where unknown. */
  readonly wordEndsMs: readonly number[];
}

/** How tones speak. */
export interface TonesVoiceOptions {
  /** 8,000 or more; default 24,000. */
  readonly sampleRateHz?: number;
  /** Default `high`, in which no caller speaks. */
  readonly band?: SpeechBand;
}

/** The silence that tone-coded speech leaves behind each word. */
const wordGapMs = 50;

/** Tone-coded speech: what it says can be read from its sound. Throws `RangeError` for a rate below 8,000 Hz. */
export function tonesVoice(options: TonesVoiceOptions = {}): Voice {
  const { sampleRateHz = 24_000, band = 'high' } = options;
  if (!(sampleRateHz >= 8000)) throw new RangeError('sampleRateHz must be at least 8000');
  return {
    name: 'tones',
    sampleRateHz,
    speak: (text) => {
      const words = text.split(/\s+/).filter((word) => word !== '');
      const sounds = words.map((word) => speech.encode(word, { sampleRateHz, band }));
      const samples = new Int16Array(sounds.reduce((sum, { length }) => sum + length, 0));
      const wordEndsMs: number[] = [];
      let at = 0;
      for (const sound of sounds) {
        samples.set(sound, at);
        at += sound.length;
        wordEndsMs.push((at * 1000) / sampleRateHz - wordGapMs);
      }
      return Promise.resolve({ samples, wordEndsMs });
    },
  };
}
