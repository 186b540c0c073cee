import type { Clock, Timer } from '@agentao/clock';
import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

/** An RxJS scheduler on a clock: delays and intervals follow it, in tests virtual time too. `now()` is monotonic, not a date. */
export function clockScheduler(clock: Clock): SchedulerLike {
  return {
    now: () => clock.now(),
    schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delayMs = 0, state?: T): Subscription {
      return new ClockAction<T>(clock, work).schedule(state, delayMs);
    },
  };
}

/** Work that can be scheduled again from within; unsubscribing cancels it. */
class ClockAction<T> extends Subscription implements SchedulerAction<T> {
  readonly #clock: Clock;
  readonly #work: (this: SchedulerAction<T>, state?: T) => void;
  #timer: Timer | undefined;

  constructor(clock: Clock, work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => this.#timer?.cancel());
    this.#clock = clock;
    this.#work = work;
  }

  schedule(state?: T, delayMs = 0): this {
    if (this.closed) return this;
    this.#timer?.cancel();
    this.#timer = this.#clock.setTimer(this.#clock.now() + Math.max(0, delayMs), () => {
      this.#timer = undefined;
      this.#work.call(this, state);
      // Work that did not ask for another turn is done.
      if (this.#timer === undefined) this.unsubscribe();
    });
    return this;
  }
}
