import type { Clock, Timer } from '@agentao/clock';
import { limits } from '@agentao/protocol';

/** What the time after the end of a call is made of. */
export interface LateNotesOptions {
  readonly clock: Clock;
  /** Nothing will be added any more: called once. */
  readonly onOver: () => void;
}

/**
 * The time after the end of a call in which the program may still add to its record (PROTOCOL.md M-13): while something of the program is at work
 * that was given the call, or a note has no answer, for five seconds at most.
 */
export class LateNotes {
  readonly #options: LateNotesOptions;
  #state: 'before' | 'open' | 'over' = 'before';
  #atWork = 0;
  #deadline: Timer | undefined;

  constructor(options: LateNotesOptions) {
    this.#options = options;
  }

  /** Whether the call has ended and may be added to. */
  get open(): boolean {
    return this.#state === 'open';
  }

  /** Whatever may still lead to a note, or is one. Counts from the beginning of the call. */
  hold(work: PromiseLike<unknown>): void {
    this.#atWork++;
    const done = (): void => {
      this.#atWork--;
      this.#look();
    };
    work.then(done, done);
  }

  /** The call has ended, and there is a connection to add to its record on. */
  begin(): void {
    const { clock } = this.#options;
    this.#state = 'open';
    this.#deadline = clock.setTimer(clock.now() + limits.lateAnnotateMs, () => this.end());
    this.#look();
  }

  /** Nothing can be added any more, or is going to be. Idempotent. */
  end(): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#deadline?.cancel();
    this.#options.onOver();
  }

  /** Whoever is told now, of the end or of an answer, has the rest of this turn to go on. */
  #look(): void {
    const { clock } = this.#options;
    if (this.#state !== 'open' || this.#atWork > 0) return;
    clock.setTimer(clock.now(), () => {
      if (this.#atWork === 0) this.end();
    });
  }
}
