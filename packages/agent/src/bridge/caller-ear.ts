import { createResampler, createVoiceActivity, type Resampler, type VoiceActivity } from '@agentao/audio';
import type { ActiveCall, AudioChunk, IncomingTrack } from '@agentao/calls';
import type { Subscription } from 'rxjs';

/** Where what is heard goes. */
export interface CallerEarOptions {
  readonly call: ActiveCall;
  readonly party: IncomingTrack;
  readonly rateHz: number;
  readonly chunkMs: number;
  /** Told whole pieces, from then on the receiver's. */
  readonly onPiece: (samples: Int16Array) => void;
  /** Somebody begins to speak; ms since the call reached the switch. */
  readonly onSpeechStart: (atMs: number) => void;
  readonly onSpeechEnd: (atMs: number) => void;
}

/** A gap up to this long is filled with silence, so that time does not shrink for the model. */
const longestFillMs = 1_000;

/** Hears a call for a model: in pieces of one length at the model's rate, resampled once, with the voice activity of whoever speaks. */
export class CallerEar {
  readonly #options: CallerEarOptions;
  readonly #resampler: Resampler | undefined;
  readonly #activity: VoiceActivity;
  readonly #subscription: Subscription;
  readonly #pieceSamples: number;
  #piece: Int16Array;
  #filled = 0;
  #active = true;
  /** Position of the next sample; of the first one that the voice activity got. */
  #next: number | undefined;
  #firstPosition = 0;
  #offsetMs: number;

  constructor(options: CallerEarOptions) {
    const { call, party, rateHz, chunkMs } = options;
    this.#options = options;
    this.#offsetMs = call.clock.now();
    this.#pieceSamples = (rateHz * chunkMs) / 1000;
    this.#piece = new Int16Array(this.#pieceSamples);
    if (call.sampleRateHz !== rateHz)
      this.#resampler = createResampler({ inputRateHz: call.sampleRateHz, outputRateHz: rateHz });
    const atMs = (sample: number): number => ((this.#firstPosition + sample) * 1000) / call.sampleRateHz;
    this.#activity = createVoiceActivity({
      sampleRateHz: call.sampleRateHz,
      onStart: (sample) => options.onSpeechStart(atMs(sample)),
      onEnd: (sample) => options.onSpeechEnd(atMs(sample)),
    });
    this.#subscription = call.audio$({ party }).subscribe((chunk) => this.#hear(chunk));
  }

  /** Whether somebody speaks. */
  get speaking(): boolean {
    return this.#activity.active;
  }

  /** Milliseconds since the call reached the switch, as far as the audio that came tells; since this began to listen where none has come. */
  get callMs(): number {
    return this.#options.call.clock.now() - this.#offsetMs;
  }

  /** While false nothing is passed on, and what is not a whole piece is dropped. */
  set active(active: boolean) {
    this.#active = active;
    this.#filled = 0;
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  #hear({ samples, positionSamples }: AudioChunk): void {
    const { call } = this.#options;
    const endMs = ((positionSamples + samples.length) * 1000) / call.sampleRateHz;
    const offsetMs = call.clock.now() - endMs;
    // The least delayed piece tells best when the call began.
    this.#offsetMs = Math.min(this.#offsetMs, offsetMs);
    if (this.#next === undefined) this.#firstPosition = positionSamples;
    else if (positionSamples > this.#next) this.#fill(positionSamples - this.#next);
    this.#next = positionSamples + samples.length;
    this.#take(samples);
  }

  #fill(missing: number): void {
    const { sampleRateHz } = this.#options.call;
    const filled = Math.min(missing, (sampleRateHz * longestFillMs) / 1000);
    this.#firstPosition += missing - filled;
    this.#take(new Int16Array(filled));
  }

  #take(samples: Int16Array): void {
    this.#activity.push(samples);
    if (!this.#active) return;
    let rest = this.#resampler === undefined ? samples : this.#resampler.process(samples);
    while (rest.length > 0) {
      const count = Math.min(rest.length, this.#pieceSamples - this.#filled);
      this.#piece.set(rest.subarray(0, count), this.#filled);
      this.#filled += count;
      rest = rest.subarray(count);
      if (this.#filled < this.#pieceSamples) continue;
      const piece = this.#piece;
      this.#piece = new Int16Array(this.#pieceSamples);
      this.#filled = 0;
      this.#options.onPiece(piece);
    }
  }
}
