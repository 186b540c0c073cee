import type { Clock, Timer } from '@agentao/clock';

/** What is watched. */
export interface SilenceWatchOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether somebody speaks, or something is under way that explains the silence. */
  readonly isBusy: () => boolean;
  /** Nobody has spoken for `timeoutMs`: the first time, and the second time in a row. */
  readonly onSilence: (times: 1 | 2) => void;
}

/** Tells when nobody speaks. One timer, on the clock of the call. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #timer: Timer | undefined;
  #sinceMs: number;
  #told = 0;
  #closed = false;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.now();
    this.#arm();
  }

  /** The agent has spoken. */
  spoken(): void {
    this.#sinceMs = this.#options.clock.now();
  }

  /** The caller has said something: it is not silence that goes on. */
  answered(): void {
    this.#told = 0;
    this.spoken();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #arm(): void {
    const { clock, timeoutMs } = this.#options;
    if (this.#closed || timeoutMs <= 0) return;
    this.#timer = clock.setTimer(this.#sinceMs + timeoutMs, () => this.#check());
  }

  #check(): void {
    const { clock, timeoutMs, isBusy, onSilence } = this.#options;
    if (isBusy()) this.#sinceMs = clock.now();
    if (clock.now() - this.#sinceMs >= timeoutMs) {
      this.#told += 1;
      this.#sinceMs = clock.now();
      onSilence(this.#told === 1 ? 1 : 2);
    }
    this.#arm();
  }
}
