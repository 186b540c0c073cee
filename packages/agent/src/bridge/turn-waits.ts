import type { Clock, Timer } from '@agentao/clock';
import type { TurnOutcome } from '../bridge.ts';

interface Wait {
  readonly resolve: (outcome: TurnOutcome) => void;
  readonly timeoutMs: number;
  timer: Timer | undefined;
}

/** After a turn without sound the model may still speak: this long. */
const graceMs = 2_000;

/** Who waits until a turn of the model has been heard. */
export class TurnWaits {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `speaking`: the model is at it; its turn settles in the end. */
  wait(timeoutMs: number, speaking: boolean): Promise<TurnOutcome> {
    return new Promise((resolve) => {
      const wait: Wait = { resolve, timeoutMs, timer: undefined };
      this.#waits.add(wait);
      if (!speaking) this.#arm(wait, timeoutMs);
    });
  }

  /** The model speaks: nobody waits for the first sound any more. */
  sound(): void {
    for (const wait of this.#waits) {
      wait.timer?.cancel();
      wait.timer = undefined;
    }
  }

  /** The model had nothing to say. */
  silentTurn(): void {
    for (const wait of this.#waits) if (wait.timer !== undefined) this.#arm(wait, Math.min(wait.timeoutMs, graceMs));
  }

  settle(outcome: TurnOutcome): void {
    for (const wait of [...this.#waits]) this.#done(wait, outcome);
  }

  close(): void {
    this.settle('ended');
  }

  #arm(wait: Wait, ms: number): void {
    wait.timer?.cancel();
    wait.timer = this.#clock.setTimer(this.#clock.now() + ms, () => this.#done(wait, 'timeout'));
  }

  #done(wait: Wait, outcome: TurnOutcome): void {
    wait.timer?.cancel();
    this.#waits.delete(wait);
    wait.resolve(outcome);
  }
}
