import type { Turn } from '../conversation.ts';
import { type HeardText, heardText, joined, type SpokenText } from './heard-text.ts';
import type { QueuedSpan } from './speech-queue.ts';

/** One time that the model speaks, while it does: what it said, where it lies in the audio of the call, what was heard. */
export class LiveTurn {
  readonly index: number;
  /** When the caller had finished before it, if somebody had spoken since the last turn. */
  readonly callerEndMs: number | undefined;
  readonly #rateHz: number;
  readonly #pieces: SpokenText[] = [];
  readonly #spans: QueuedSpan[] = [];
  /** Samples that were given out by the model. */
  #samples = 0;
  #heardSamples: number | undefined;
  startMs: number | undefined;
  endMs: number | undefined;
  /** When the model began to give it out. */
  beganMs: number;
  /** The model has said all of it. */
  complete = false;
  /** And has no more to say, as far as is known. */
  isLastWord = true;
  interrupted = false;

  constructor(options: {
    readonly index: number;
    readonly rateHz: number;
    readonly beganMs: number;
    readonly callerEndMs: number | undefined;
  }) {
    this.index = options.index;
    this.callerEndMs = options.callerEndMs;
    this.beganMs = options.beganMs;
    this.#rateHz = options.rateHz;
  }

  /** Whether it has sound. */
  get audible(): boolean {
    return this.#samples > 0;
  }

  /** Position after its last sample that the call has taken. */
  get endPosition(): number {
    return this.#spans.at(-1)?.end ?? 0;
  }

  get text(): string {
    return joined(this.#pieces);
  }

  say(piece: SpokenText): void {
    this.#pieces.push(piece);
  }

  sound(samples: number): void {
    this.#samples += samples;
  }

  queued(span: QueuedSpan): void {
    const last = this.#spans.at(-1);
    if (last?.end === span.start) this.#spans[this.#spans.length - 1] = { start: last.start, end: span.end };
    else this.#spans.push(span);
  }

  /** It was cut off at this position of the call's audio. */
  cutAt(played: number): void {
    this.interrupted = true;
    this.#heardSamples = this.#spans.reduce(
      (sum, { start, end }) => sum + Math.max(0, Math.min(end, played) - start),
      0,
    );
  }

  get heardMs(): number {
    return ((this.#heardSamples ?? this.#samples) * 1000) / this.#rateHz;
  }

  /** What was heard; all of it unless it was cut off. */
  heard(): HeardText {
    if (this.#heardSamples === undefined) return { heardText: this.text, estimated: false };
    return heardText(this.#pieces, { heardMs: this.heardMs, audioMs: (this.#samples * 1000) / this.#rateHz });
  }

  report(): Turn {
    const { index, startMs, endMs, interrupted, text, callerEndMs } = this;
    const latencyMs =
      startMs === undefined || callerEndMs === undefined ? undefined : Math.max(0, startMs - callerEndMs);
    return { index, startMs, endMs, latencyMs, interrupted, text, heardText: this.heard().heardText };
  }
}
