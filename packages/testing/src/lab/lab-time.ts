import { type Clock, createVirtualClock, sleep } from '@agentao/clock';
import { createProcessClock } from '../process-clock.ts';
import { LabError } from './lab-error.ts';

/** The time of a lab: what waits lets it run. */
export interface LabTime {
  readonly clock: Clock;
  /** Lets time run until `promise` settles. */
  run<T>(promise: Promise<T>): Promise<T>;
  /** Looks every tick until there is something; after `withinMs` throws what `explain` says. */
  until<T>(probe: () => T | undefined, withinMs: number, explain: () => string): Promise<T>;
}

const tickMs = 20;
/** Nothing that a test waits for takes longer; each wait has its own bound below it. */
const longestMs = 4 * 3_600_000;

/** Makes it: virtual time stands still while a test does anything but wait for the lab. */
export function createLabTime(kind: 'virtual' | 'system', startAt: Date): LabTime {
  const virtual =
    kind === 'virtual'
      ? createVirtualClock({
          settle: () => new Promise((resolve) => setImmediate(resolve)),
          wallTimeMs: startAt.getTime(),
        })
      : undefined;
  const clock = virtual ?? createProcessClock();
  const run = <T>(promise: Promise<T>): Promise<T> => virtual?.runUntil(promise, { maxMs: longestMs }) ?? promise;
  const look = async <T>(probe: () => T | undefined, withinMs: number, explain: () => string): Promise<T> => {
    const endMs = clock.now() + withinMs;
    for (;;) {
      const found = probe();
      if (found !== undefined) return found;
      if (clock.now() >= endMs) throw new LabError(explain());
      await sleep(clock, tickMs);
    }
  };
  return { clock, run, until: (...args) => run(look(...args)) };
}
