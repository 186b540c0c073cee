import { speech, type SpeechBand } from '@agentao/audio/speech';
import type { CallEnd } from '@agentao/calls';
import type { Phone } from '@agentao/switch/testing';
import { spokenText } from '../model/spoken-text.ts';
import { LabEar } from './lab-ear.ts';
import { LabError } from './lab-error.ts';
import type { LabTime } from './lab-time.ts';

/** One phone's side of a call. */
export interface LabCall {
  /** Only for a phone that is rung. */
  answer(): void;
  reject(): void;
  /** Resolves when it is answered, rejects with what happened instead. */
  answered(options?: { readonly withinMs?: number }): Promise<void>;
  /**
   * Resolves when these words were heard at this ear, after whatever an earlier `hears` found; rejects with what was heard instead after `withinMs`
   * (default 15,000). Case and punctuation do not count; a word that was cut off ends with `-`.
   */
  hears(text: string, options?: { readonly withinMs?: number; readonly from?: SpeechBand }): Promise<void>;
  /** Says it as soon as the call is answered, and resolves when the last word has left. */
  says(text: string): Promise<void>;
  press(digits: string): void;
  hangUp(): void;
  /** Everything heard here so far, of one voice or of all of them. */
  heard(from?: SpeechBand): string;
  /** Resolves when the call is over for this phone; rejects if it is not within `withinMs` (default 15,000). */
  ended(options?: { readonly withinMs?: number }): Promise<CallEnd>;
  /** What this ear heard, as WAV. */
  recording(): Uint8Array;
}

/** What a call is made of. */
export interface LabCallOptions {
  readonly phone: Phone;
  readonly band: SpeechBand;
  readonly time: LabTime;
}

const defaultWithinMs = 15_000;

/** Makes this phone's side of a call that begins now. */
export function createLabCall({ phone, band, time }: LabCallOptions): LabCall {
  const ear = new LabEar(phone);
  const firstEvent = phone.events.length;
  let found = 0;
  const happened = (): Phone['events'] => phone.events.slice(firstEvent);
  const story = (): string => {
    const words = ear.words().map(({ text, band: of, atMs }) => `${(atMs / 1000).toFixed(1)} s ${text} (${of})`);
    const heard = words.length === 0 ? 'Nothing was heard.' : `Heard: ${words.join(', ')}.`;
    return `${heard} The phone: ${phone.state}, after ${
      happened()
        .map(({ type }) => type)
        .join(', ') || 'nothing'
    }.`;
  };
  const endOf = (): CallEnd | undefined => {
    const ended = happened().find((event) => event.type === 'ended');
    return ended === undefined ? undefined : { reason: ended.reason, by: ended.by };
  };

  return {
    answer: () => phone.answer(),
    reject: () => phone.reject(),
    answered: async ({ withinMs = defaultWithinMs } = {}) => {
      const outcome = await time.until(
        () => (phone.state === 'answered' ? 'answered' : endOf()),
        withinMs,
        () => `${phone.number} was not answered within ${withinMs / 1000} s. ${story()}`,
      );
      if (outcome !== 'answered') {
        throw new LabError(`${phone.number} was not answered: it ended, ${outcome.reason} by the ${outcome.by}.`);
      }
    },
    hears: (text, { withinMs = defaultWithinMs, from } = {}) => {
      const wanted = text.split(/\s+/).map(plainWord).filter(Boolean);
      const probe = (): true | undefined => {
        const words = ear.words();
        const heard = words.flatMap((word, index) =>
          index >= found && (from === undefined || word.band === from) ? [{ index, text: plainWord(word.text) }] : [],
        );
        const at = heard.findIndex((_, start) => wanted.every((word, offset) => heard[start + offset]?.text === word));
        if (at < 0) return undefined;
        found = (heard[at + wanted.length - 1]?.index ?? found) + 1;
        return true;
      };
      const explain = (): string => `${phone.number} did not hear "${text}" within ${withinMs / 1000} s. ${story()}`;
      return time.until(probe, withinMs, explain).then(() => {});
    },
    says: async (text) => {
      phone.say(speech.encode(text, { band, sampleRateHz: phone.sampleRateHz }));
      const explain = (): string => `${phone.number} could not say "${text}". ${story()}`;
      await time.until(() => (phone.unspoken === 0 ? true : undefined), 120_000, explain);
    },
    press: (digits) => {
      for (const digit of digits) phone.press(digit);
    },
    hangUp: () => phone.hangUp(),
    heard: (from) =>
      ear
        .words()
        .filter(({ band: of }) => from === undefined || of === from)
        .map(({ text }) => text)
        .join(' '),
    ended: ({ withinMs = defaultWithinMs } = {}) =>
      time.until(endOf, withinMs, () => `The call of ${phone.number} goes on after ${withinMs / 1000} s. ${story()}`),
    recording: () => ear.recording(),
  };
}

/** A word as it is compared; a cut-off one keeps its mark. */
function plainWord(word: string): string {
  return word.endsWith('-') ? `${spokenText(word)}-` : spokenText(word);
}
