import { createVoiceActivity, type VoiceActivity } from '@agentao/audio';
import { createSpeechDecoder, type SpeechBand, type SpeechDecoder } from '@agentao/audio/speech';
import type { Clock, Timer } from '@agentao/clock';
import { type RuleAnswer, RuleBook, type RuleOccasion } from './rule-book.ts';
import type { ModelRules } from './rules.ts';
import type { Voice } from './voice.ts';

/** A tool call of a local model. */
export interface RuleToolCall {
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a local model does; in order. */
export type RuleModelEvent =
  /** What the caller said, whole. */
  | { readonly type: 'heard'; readonly text: string }
  /** Sound, at the voice's rate, from then on the receiver's. */
  | { readonly type: 'audio'; readonly samples: Int16Array }
  /** A word of its own, before its sound; `endsAtMs` from the first sound of the turn, where known. */
  | { readonly type: 'said'; readonly text: string; readonly endsAtMs?: number }
  | { readonly type: 'tool-calls'; readonly calls: readonly RuleToolCall[] }
  | { readonly type: 'interrupted' }
  /** Everything has been given out, and would have been heard if it was played as it came; after `interrupted` too. */
  | { readonly type: 'turn-complete' };

/** What a local model is made of. */
export interface RuleModelOptions {
  readonly rules: ModelRules;
  readonly voice: Voice;
  readonly clock: Clock;
  readonly inputRateHz: number;
  readonly thinkMs: number;
  readonly onEvent: (event: RuleModelEvent) => void;
}

/** Silence after which the caller has finished. */
const endOfSpeechMs = 500;
/** How far sound is given out ahead of real time: models do not wait for ears. */
const leadMs = 1_000;
const pieceMs = 100;
/** Bands in which people speak; the model has the high one. */
const peopleBands: readonly SpeechBand[] = ['low', 'middle'];

/** A sentence that is given out. */
interface Sentence {
  readonly samples: Int16Array;
  readonly words: readonly string[];
  readonly wordEndsMs: readonly number[];
  readonly calls: RuleAnswer['calls'];
  given: number;
  wordsGiven: number;
}

/** A model without intelligence: hears tone-coded speech by voice activity, answers by its rules, stops when it is interrupted. On any clock. */
export class RuleModel {
  readonly #options: RuleModelOptions;
  readonly #book: RuleBook;
  readonly #activity: VoiceActivity;
  readonly #decoder: SpeechDecoder;
  /** Names of tools that have not answered, by id. */
  readonly #pending = new Map<string, string>();
  readonly #stop = new AbortController();
  #words: string[] = [];
  #sentences: Sentence[] = [];
  #timer: Timer | undefined;
  #thinking: Timer | undefined;
  /** When what has been given out so far would have been heard. */
  #heardAtMs = 0;
  /** Sound of this turn so far. */
  #turnMs = 0;
  #inTurn = false;
  #epoch = 0;
  #preparing = 0;
  #toolCount = 0;
  #closed = false;

  constructor(options: RuleModelOptions) {
    this.#options = options;
    this.#book = new RuleBook(options.rules);
    const sampleRateHz = options.inputRateHz;
    this.#activity = createVoiceActivity({
      sampleRateHz,
      releaseMs: endOfSpeechMs,
      onStart: () => this.#interrupt(),
      onEnd: () => this.#callerDone(),
    });
    this.#decoder = createSpeechDecoder({
      sampleRateHz,
      bands: peopleBands,
      onWord: ({ text, complete }) => this.#words.push(complete ? text : `${text}-`),
    });
  }

  hear(samples: Int16Array): void {
    if (this.#closed) return;
    this.#decoder.push(samples);
    this.#activity.push(samples);
  }

  /** Text, as if it had been said: it belongs to what the caller is saying, or is answered at once. */
  read(text: string): void {
    if (this.#closed) return;
    if (this.#activity.active) this.#words.push(text);
    else this.#answer({ type: 'heard', text });
  }

  takeAnswer({ id, response }: { readonly id: string; readonly response: Readonly<Record<string, unknown>> }): void {
    const name = this.#pending.get(id);
    if (this.#closed || name === undefined) return;
    this.#pending.delete(id);
    this.#answer({ type: 'answered', name, response });
  }

  /** Says this, unasked. */
  say(text: string): void {
    void this.#speak({ say: text, calls: [] });
  }

  /** Calls this tool, by the rules or not. */
  call(name: string, args: Readonly<Record<string, unknown>> = {}): void {
    void this.#speak({ say: undefined, calls: [{ name, args }] });
  }

  close(): void {
    this.#closed = true;
    this.#epoch += 1;
    this.#stop.abort();
    this.#timer?.cancel();
    this.#thinking?.cancel();
  }

  #callerDone(): void {
    const text = this.#words.splice(0).join(' ');
    if (text === '') return;
    this.#options.onEvent({ type: 'heard', text });
    const { clock, thinkMs } = this.#options;
    this.#thinking?.cancel();
    this.#thinking = clock.setTimer(clock.now() + thinkMs, () => this.#answer({ type: 'heard', text }));
  }

  #answer(occasion: RuleOccasion): void {
    void this.#speak(this.#book.answer(occasion));
  }

  async #speak({ say, calls }: RuleAnswer): Promise<void> {
    this.#inTurn = true;
    if (say === undefined) {
      this.#callTools(calls);
      this.#goOn();
      return;
    }
    const epoch = this.#epoch;
    this.#preparing += 1;
    const spoken = await this.#options.voice.speak(say, { signal: this.#stop.signal }).catch(() => undefined);
    if (epoch !== this.#epoch) return;
    this.#preparing -= 1;
    if (spoken !== undefined) {
      const words = say.split(/\s+/).filter(Boolean);
      this.#sentences.push({ ...spoken, words, calls, given: 0, wordsGiven: 0 });
    }
    this.#goOn();
  }

  /** Gives out what may be, and comes back when more may, or the turn is over. */
  #goOn(): void {
    if (this.#closed || !this.#inTurn) return;
    const { clock } = this.#options;
    this.#timer?.cancel();
    while (this.#sentences.length > 0 && this.#heardAtMs <= clock.now() + leadMs) this.#giveOut();
    const again = (atMs: number): void => {
      this.#timer = clock.setTimer(atMs, () => this.#goOn());
    };
    if (this.#sentences.length > 0) again(this.#heardAtMs - leadMs);
    else if (this.#pending.size > 0 || this.#preparing > 0) return;
    else if (this.#heardAtMs > clock.now()) again(this.#heardAtMs);
    else this.#complete();
  }

  #giveOut(): void {
    const [sentence] = this.#sentences;
    if (sentence === undefined) return;
    const { clock, voice, onEvent } = this.#options;
    const { samples } = sentence;
    const inMs = (count: number): number => (count * 1000) / voice.sampleRateHz;
    const count = Math.min(samples.length - sentence.given, (voice.sampleRateHz * pieceMs) / 1000);
    this.#giveWords(sentence, inMs(sentence.given + count), inMs(samples.length));
    onEvent({ type: 'audio', samples: samples.slice(sentence.given, sentence.given + count) });
    sentence.given += count;
    this.#heardAtMs = Math.max(this.#heardAtMs, clock.now()) + inMs(count);
    if (sentence.given < samples.length) return;
    this.#turnMs += inMs(samples.length);
    this.#sentences.shift();
    this.#callTools(sentence.calls);
  }

  /** The words that begin before `untilMs` of a sentence. */
  #giveWords(sentence: Sentence, untilMs: number, lengthMs: number): void {
    const { words, wordEndsMs } = sentence;
    const known = wordEndsMs.length === words.length;
    for (; sentence.wordsGiven < words.length; sentence.wordsGiven += 1) {
      const index = sentence.wordsGiven;
      const startsMs = known ? (wordEndsMs[index - 1] ?? 0) : (lengthMs / words.length) * index;
      if (startsMs >= untilMs && untilMs < lengthMs) return;
      const endsMs = known ? wordEndsMs[index] : undefined;
      const at = endsMs === undefined ? {} : { endsAtMs: this.#turnMs + endsMs };
      this.#options.onEvent({ type: 'said', text: `${words[index] ?? ''} `, ...at });
    }
  }

  #callTools(wishes: RuleAnswer['calls']): void {
    if (wishes.length === 0) return;
    const calls = wishes.map(({ name, args }) => ({ id: `tool-${++this.#toolCount}`, name, args }));
    for (const { id, name } of calls) this.#pending.set(id, name);
    this.#options.onEvent({ type: 'tool-calls', calls });
  }

  #interrupt(): void {
    const { clock, onEvent } = this.#options;
    // Whoever goes on speaking is answered when all of it has been said.
    this.#thinking?.cancel();
    const isSounding = this.#sentences.length > 0 || this.#heardAtMs > clock.now();
    if (!this.#inTurn || !isSounding) return;
    this.#epoch += 1;
    this.#preparing = 0;
    this.#timer?.cancel();
    this.#sentences = [];
    this.#heardAtMs = clock.now();
    onEvent({ type: 'interrupted' });
    this.#complete();
  }

  #complete(): void {
    this.#inTurn = false;
    this.#turnMs = 0;
    this.#options.onEvent({ type: 'turn-complete' });
  }
}
