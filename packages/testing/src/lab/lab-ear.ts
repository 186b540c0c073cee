import { encodeWav } from '@agentao/audio';
import { createSpeechDecoder, type SpeechBand, type SpeechDecoder } from '@agentao/audio/speech';
import type { Phone } from '@agentao/switch/testing';

/** A word at an ear. */
export interface HeardWord {
  readonly text: string;
  readonly band: SpeechBand;
  /** Since the call began for this phone. */
  readonly atMs: number;
}

/** What one phone hears in one call, in words. Looks when it is asked. */
export class LabEar {
  readonly #phone: Phone;
  readonly #fromMs: number;
  readonly #decoder: SpeechDecoder;
  readonly #words: HeardWord[] = [];
  #readMs: number;

  constructor(phone: Phone) {
    this.#phone = phone;
    this.#fromMs = phone.heardMs;
    this.#readMs = phone.heardMs;
    this.#decoder = createSpeechDecoder({
      sampleRateHz: phone.sampleRateHz,
      onWord: ({ text, band, complete, startSample }) =>
        this.#words.push({
          text: complete ? text : `${text}-`,
          band,
          atMs: (startSample * 1000) / phone.sampleRateHz,
        }),
    });
  }

  /** Everything that was heard so far. */
  words(): readonly HeardWord[] {
    const { heardMs } = this.#phone;
    if (heardMs > this.#readMs) {
      this.#decoder.push(this.#phone.heard({ fromMs: this.#readMs, toMs: heardMs }));
      this.#readMs = heardMs;
    }
    return this.#words;
  }

  /** From the beginning of the call, as WAV. */
  recording(): Uint8Array {
    const { sampleRateHz } = this.#phone;
    return encodeWav(this.#phone.heard({ fromMs: this.#fromMs }), { sampleRateHz });
  }
}
