import type { Clock, Timer } from '@agentao/clock';

/** How often it is looked. */
const everyMs = 10;

/** How late the timers of this machine are while it is measured, and with them those of every other program on it. */
export class Lateness implements Disposable {
  /** The latest one. */
  maxMs = 0;
  /** All of them together. */
  totalMs = 0;
  readonly #clock: Clock;
  #timer: Timer;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#timer = this.#next();
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #next(): Timer {
    const dueMs = this.#clock.now() + everyMs;
    return this.#clock.setTimer(dueMs, () => {
      const lateMs = this.#clock.now() - dueMs;
      this.maxMs = Math.max(this.maxMs, lateMs);
      this.totalMs += lateMs;
      this.#timer = this.#next();
    });
  }
}
