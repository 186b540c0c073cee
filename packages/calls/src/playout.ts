import type { Clock, Timer } from '@agentao/clock';
import type { PlayOutcome } from './active-call.ts';
import { WSSCallCommandError } from './errors.ts';

/** What the playout of a call is made of. */
export interface PlayoutOptions {
  readonly callId: string;
  readonly clock: Clock;
  /** Asks the switch to report when `position` has been heard. */
  readonly sendMark: (position: number) => void;
}

interface Waiter {
  readonly position: number;
  readonly settle: (outcome: PlayOutcome | 'timeout') => void;
}

/** Marks under way at once; waits beyond that are settled by the regular reports. */
const maxMarks = 256;

/** Waits at once. */
const maxWaits = 4_096;

/** How far the outgoing audio has been heard, and who waits for it. Beyond 4,096 waits: `RATE_LIMITED`. */
export class Playout {
  readonly #callId: string;
  readonly #clock: Clock;
  readonly #sendMark: (position: number) => void;
  readonly #waiters = new Set<Waiter>();
  /** The marks that the switch has, by position. Those who wait for the same one share it. */
  readonly #marks = new Set<number>();
  #played = 0;
  #ended = false;

  constructor({ callId, clock, sendMark }: PlayoutOptions) {
    this.#callId = callId;
    this.#clock = clock;
    this.#sendMark = sendMark;
  }

  /** Position after the last sample heard or jumped over, as last reported. */
  get played(): number {
    return this.#played;
  }

  /** Until the audio before `position` has been heard. */
  wait(position: number, timeoutMs?: number): Promise<PlayOutcome | 'timeout'> {
    if (this.#ended) return Promise.resolve('ended');
    if (position <= this.#played) return Promise.resolve('played');
    if (this.#waiters.size >= maxWaits) {
      const callId = this.#callId;
      return Promise.reject(new WSSCallCommandError('RATE_LIMITED', `${maxWaits} waits for playout`, { callId }));
    }
    return new Promise((resolve) => {
      let timer: Timer | undefined;
      const settle = (outcome: PlayOutcome | 'timeout'): void => {
        timer?.cancel();
        this.#waiters.delete(waiter);
        resolve(outcome);
      };
      const waiter: Waiter = { position, settle };
      this.#waiters.add(waiter);
      if (timeoutMs !== undefined) timer = this.#clock.setTimer(this.#clock.now() + timeoutMs, () => settle('timeout'));
      this.#mark(position);
    });
  }

  /** The switch reports. */
  report(played: number): void {
    this.#played = Math.max(this.#played, played);
    for (const position of this.#marks) if (position <= this.#played) this.#marks.delete(position);
    for (const waiter of this.#waiters) if (waiter.position <= this.#played) waiter.settle('played');
  }

  /** There is a connection again: `played` is how far it has come, and who waits for more asks anew. */
  resume(played: number): void {
    this.report(played);
    this.#marks.clear();
    for (const { position } of this.#waiters) this.#mark(position);
  }

  /** A clear is under way: who waits now is told by the result, given the position that was heard before it, if known. */
  clearing(): (heard: number | undefined) => void {
    const batch = [...this.#waiters];
    this.#waiters.clear();
    return (heard = -1) => {
      for (const { position, settle } of batch) settle(position <= heard ? 'played' : 'cleared');
    };
  }

  /** The call has ended. */
  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiters) waiter.settle('ended');
  }

  #mark(position: number): void {
    if (this.#marks.has(position) || this.#marks.size >= maxMarks) return;
    this.#marks.add(position);
    this.#sendMark(position);
  }
}
