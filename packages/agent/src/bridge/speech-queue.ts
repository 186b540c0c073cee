import type { ActiveCall, ClearResult, PlayOutcome, PlaySource } from '@agentao/calls';

/** Sound that the call has taken: where it lies in the audio that was handed in. */
export interface QueuedSpan {
  readonly start: number;
  readonly end: number;
}

/** What a queue is made for. */
export interface SpeechQueueOptions {
  readonly call: ActiveCall;
  /** Told, in order, what became part of the call's own queue, with the tag of its piece. */
  readonly onQueued: (tag: unknown, span: QueuedSpan) => void;
  /** Told once when the queue is full; what does not fit is dropped. */
  readonly onFull: () => void;
}

interface Piece {
  readonly samples: Int16Array;
  readonly tag: unknown;
}

/** A recording in its place among what the model says. */
interface Clip {
  readonly play: (signal: AbortSignal) => Promise<void>;
  readonly drop: () => void;
}

/** Models give sound much faster than it is heard; this much may wait here. */
const longestWaitSeconds = 600;
/** The call takes pieces whole or not at all: longer ones are cut, so that they fit into what it keeps. */
const longestPieceSeconds = 0.1;

/**
 * What a model has said and the call has no room for yet, in order. Waits while the call is not answered. Clearing it stops what is under way too, and
 * what comes afterwards is heard.
 */
export class SpeechQueue {
  readonly #options: SpeechQueueOptions;
  readonly #capacity: number;
  #pieces: (Piece | Clip)[] = [];
  #waitingSamples = 0;
  #sending: AbortController | undefined;
  #open = false;
  #closed = false;
  #full = false;
  #onIdle: (() => void)[] = [];

  constructor(options: SpeechQueueOptions) {
    this.#options = options;
    this.#capacity = options.call.sampleRateHz * longestWaitSeconds;
  }

  /** Whether everything has been handed to the call. */
  get idle(): boolean {
    return this.#pieces.length === 0 && this.#sending === undefined;
  }

  /** The call is answered: what waits is sent. */
  open(): void {
    this.#open = true;
    this.#pump();
  }

  /** Takes samples, at the rate of the call, from then on its own. */
  push(samples: Int16Array, tag: unknown): void {
    if (this.#closed || samples.length === 0) return;
    if (this.#waitingSamples + samples.length > this.#capacity) {
      if (!this.#full) this.#options.onFull();
      this.#full = true;
      return;
    }
    this.#waitingSamples += samples.length;
    const longest = this.#options.call.sampleRateHz * longestPieceSeconds;
    for (let at = 0; at < samples.length; at += longest) {
      this.#pieces.push({ samples: samples.subarray(at, at + longest), tag });
    }
    this.#pump();
  }

  /** Plays this after what waits, and before what comes; resolves when it was heard or cut off. */
  play(source: PlaySource): Promise<PlayOutcome> {
    if (this.#closed) return Promise.resolve('ended');
    const { call } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<PlayOutcome>();
    this.#pieces.push({
      play: async (signal) => {
        try {
          resolve(await call.play(source, { signal }));
        } catch (error) {
          if (signal.aborted) resolve('cleared');
          else reject(error);
        }
      },
      drop: () => resolve('cleared'),
    });
    this.#pump();
    return promise;
  }

  /** Silence at the ear, at once. Resolves with what the call says of it; `undefined` where it has ended. */
  clear(): Promise<ClearResult | undefined> {
    this.#drop();
    return this.#options.call.clearSendAudioBuffer().catch(() => undefined);
  }

  /** Resolves when everything has been handed to the call, or dropped. */
  whenIdle(): Promise<void> {
    if (this.idle) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Nothing is taken or sent any more. */
  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #drop(): void {
    for (const piece of this.#pieces) if ('drop' in piece) piece.drop();
    this.#pieces = [];
    this.#waitingSamples = 0;
    this.#full = false;
    this.#sending?.abort();
    this.#sending = undefined;
    this.#settleIdle();
  }

  #settleIdle(): void {
    if (!this.idle) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #pump(): void {
    const { call, onQueued } = this.#options;
    while (this.#open && !this.#closed && this.#sending === undefined) {
      const piece = this.#pieces.shift();
      if (piece === undefined) break;
      const sending = new AbortController();
      const next = (): void => {
        if (this.#sending !== sending) return;
        this.#sending = undefined;
        this.#pump();
      };
      if ('play' in piece) {
        this.#sending = sending;
        void piece.play(sending.signal).then(next);
        break;
      }
      this.#waitingSamples -= piece.samples.length;
      const before = call.queuedSamples;
      const sent = call.sendAudio(piece.samples, { wait: true, signal: sending.signal });
      const queued = (): void => {
        const end = call.queuedSamples;
        onQueued(piece.tag, { start: end - piece.samples.length, end });
      };
      if (call.queuedSamples === before + piece.samples.length) {
        sent.catch(() => {});
        queued();
        continue;
      }
      this.#sending = sending;
      sent.then(
        () => {
          if (this.#sending === sending) queued();
          next();
        },
        // The call has ended, or a clear came first.
        next,
      );
    }
    this.#settleIdle();
  }
}
