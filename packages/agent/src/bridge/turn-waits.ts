import type { Clock, Timer } from '@agentao/clock';
import type { TurnOutcome } from '../bridge.ts';

interface Wait {
  readonly resolve: (outcome: TurnOutcome) => void;
  readonly timeoutMs: number;
  timer: Timer | undefined;
  /** What it comes to when nothing more is said. */
  late: TurnOutcome;
}

/** After a turn that was not its last word the model may still speak: this long. */
const graceMs = 2_000;
/** A turn that ends so soon after a tool was answered ended before the model knew the answer. */
const answerMs = 500;

/** Who waits until a turn of the model has been heard. */
export class TurnWaits {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();
  /** Tools that are not answered. */
  #tools = 0;
  #answeredMs = Number.NEGATIVE_INFINITY;
  #soundSinceAnswer = true;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `speaking`: the model is at it; its turn settles in the end. */
  wait(timeoutMs: number, speaking: boolean): Promise<TurnOutcome> {
    return new Promise((resolve) => {
      const wait: Wait = { resolve, timeoutMs, timer: undefined, late: 'timeout' };
      this.#waits.add(wait);
      if (!speaking) this.#arm(wait, timeoutMs);
    });
  }

  /** A tool runs for the model; each is `toolAnswered` once. */
  toolAsked(): void {
    this.#tools += 1;
  }

  /** The model may speak again, to this. */
  toolAnswered(): void {
    this.#tools -= 1;
    this.#answeredMs = this.#clock.now();
    this.#soundSinceAnswer = false;
    for (const wait of this.#waits) if (wait.timer !== undefined) this.#arm(wait, wait.timeoutMs);
  }

  /** Whether the model waits for tools. */
  get waitsForTools(): boolean {
    return this.#tools > 0;
  }

  /** Whether a turn that the model ends now is its answer to all that it asked of tools. */
  get isLastWord(): boolean {
    return this.#tools === 0 && (this.#soundSinceAnswer || this.#clock.now() - this.#answeredMs >= answerMs);
  }

  /** The model speaks: nobody waits for the first sound any more. */
  sound(): void {
    this.#soundSinceAnswer = this.#tools === 0;
    for (const wait of this.#waits) {
      wait.timer?.cancel();
      wait.timer = undefined;
    }
  }

  /** The model had nothing to say. */
  silentTurn(): void {
    if (this.#tools > 0) return;
    for (const wait of this.#waits) this.#arm(wait, Math.min(wait.timeoutMs, graceMs));
  }

  /** A turn was heard to its end. `isLastWord` as it was when the model ended it: otherwise it may go on in another turn. */
  heard(isLastWord: boolean): void {
    if (isLastWord) this.settle('heard');
    else for (const wait of this.#waits) this.#arm(wait, this.#tools > 0 ? wait.timeoutMs : graceMs, 'heard');
  }

  settle(outcome: TurnOutcome): void {
    for (const wait of [...this.#waits]) this.#done(wait, outcome);
  }

  close(): void {
    this.settle('ended');
  }

  #arm(wait: Wait, ms: number, outcome: TurnOutcome = wait.late): void {
    wait.timer?.cancel();
    wait.late = outcome;
    wait.timer = this.#clock.setTimer(this.#clock.now() + ms, () => this.#done(wait, wait.late));
  }

  #done(wait: Wait, outcome: TurnOutcome): void {
    wait.timer?.cancel();
    this.#waits.delete(wait);
    wait.resolve(outcome);
  }
}
