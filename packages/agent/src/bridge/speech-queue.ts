import type { ActiveCall, ClearResult } from '@agentao/calls';

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

/** Models give sound much faster than it is heard; this much may wait here. */
const longestWaitSeconds = 600;

/**
 * What a model has said and the call has no room for yet, in order. Waits while the call is not answered. Clearing it stops what is under way too, and
 * what comes afterwards is heard.
 */
export class SpeechQueue {
  readonly #options: SpeechQueueOptions;
  readonly #capacity: number;
  #pieces: Piece[] = [];
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
    this.#pieces.push({ samples, tag });
    this.#pump();
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
      this.#waitingSamples -= piece.samples.length;
      const sending = new AbortController();
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
      const next = (): void => {
        if (this.#sending !== sending) return;
        this.#sending = undefined;
        this.#pump();
      };
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
