import type { AudioChunk } from './active-call.ts';

/** What a reader is made of. */
export interface AudioReaderOptions {
  /** Most samples it holds; beyond that the oldest chunks are dropped. */
  readonly boundSamples: number;
  /** Told of dropped audio: the first loss at once, then once per `reportSamples`, and the rest when it reads again. */
  readonly onDropped: (samples: number) => void;
  readonly reportSamples: number;
  /** Called once, when it has ended or no more is wanted. */
  readonly onClosed: () => void;
}

type Result = IteratorResult<AudioChunk, undefined>;

const done: Result = { done: true, value: undefined };

/** One reader of incoming audio: a bounded queue with an async iterator at its end. */
export class AudioReader implements AsyncIterator<AudioChunk, undefined> {
  readonly #options: AudioReaderOptions;
  readonly #queue: AudioChunk[] = [];
  #queuedSamples = 0;
  #pending: ((result: Result) => void)[] = [];
  #unreported = 0;
  #losing = false;
  #ended = false;

  constructor(options: AudioReaderOptions) {
    this.#options = options;
  }

  /** Takes a chunk that belongs to this reader. */
  push(chunk: AudioChunk): void {
    if (this.#ended) return;
    const waiting = this.#pending.shift();
    if (waiting !== undefined) {
      waiting({ done: false, value: chunk });
      return;
    }
    this.#queue.push(chunk);
    this.#queuedSamples += chunk.samples.length;
    while (this.#queuedSamples > this.#options.boundSamples && this.#queue.length > 1) this.#dropOldest();
  }

  /** No more comes; what is queued can still be read. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const waiting of this.#pending) waiting(done);
    this.#pending = [];
    this.#options.onClosed();
  }

  next(): Promise<Result> {
    const chunk = this.#queue.shift();
    if (chunk !== undefined) {
      this.#queuedSamples -= chunk.samples.length;
      if (this.#losing) this.#report();
      this.#losing = false;
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#ended) return Promise.resolve(done);
    return new Promise((resolve) => this.#pending.push(resolve));
  }

  return(): Promise<Result> {
    this.#queue.length = 0;
    this.#queuedSamples = 0;
    this.end();
    return Promise.resolve(done);
  }

  #dropOldest(): void {
    const samples = this.#queue.shift()?.samples.length ?? 0;
    this.#queuedSamples -= samples;
    this.#unreported += samples;
    if (!this.#losing || this.#unreported >= this.#options.reportSamples) this.#report();
    this.#losing = true;
  }

  #report(): void {
    if (this.#unreported > 0) this.#options.onDropped(this.#unreported);
    this.#unreported = 0;
  }
}
