import type { Clock, Timer } from '@agentao/clock';

/** Messages that may leave at once, and how many more a second: together, and with pings, less than a switch takes (PROTOCOL.md H-10). */
const atOnce = 100;
const perSecond = 250;

/** How long those wait that are too many, before the next few leave. */
const pauseMs = 20;

/** Sends what one connection is given no faster than its switch takes it, in order. Bounded by who sends: commands, marks and credit all are. */
export class SendPace {
  readonly #clock: Clock;
  readonly #onRoom: () => void;
  #waiting: (() => void)[] = [];
  #allowance = atOnce;
  #countedMs: number;
  #timer: Timer | undefined;

  /** `onRoom`: nothing waits any more. */
  constructor(clock: Clock, onRoom: () => void) {
    this.#clock = clock;
    this.#onRoom = onRoom;
    this.#countedMs = clock.now();
  }

  /** Whether something waits. What can still become part of a larger message had better wait too. */
  get isBehind(): boolean {
    return this.#timer !== undefined;
  }

  send(message: () => void): void {
    this.#waiting.push(message);
    if (!this.isBehind) this.#go();
  }

  /** The connection is about to be closed: what waits leaves now. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const message of this.#waiting.splice(0)) message();
  }

  #go(): void {
    const nowMs = this.#clock.now();
    this.#allowance = Math.min(atOnce, this.#allowance + ((nowMs - this.#countedMs) * perSecond) / 1_000);
    this.#countedMs = nowMs;
    const leaving = this.#waiting.splice(0, Math.floor(this.#allowance));
    this.#allowance -= leaving.length;
    for (const message of leaving) message();
    if (this.#waiting.length === 0) return;
    this.#timer = this.#clock.setTimer(nowMs + pauseMs, () => {
      this.#timer = undefined;
      this.#go();
      if (!this.isBehind) this.#onRoom();
    });
  }
}
