import type { Clock, Timer } from '@agentao/clock';

/** The time of a process that may be killed. */
export interface MortalClock extends Clock {
  /** Timers set and not yet run. */
  readonly pendingTimers: number;
  /** No timer of it runs any more. */
  kill(): void;
}

/** Makes the time of a process on `clock`. */
export function createMortalClock(clock: Clock): MortalClock {
  const pending = new Set<Timer>();
  let dead = false;
  return {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer(atMs, callback) {
      if (dead) return { cancel: () => undefined };
      const timer = clock.setTimer(atMs, () => {
        pending.delete(timer);
        callback();
      });
      pending.add(timer);
      return {
        cancel: () => {
          pending.delete(timer);
          timer.cancel();
        },
      };
    },
    get pendingTimers() {
      return pending.size;
    },
    kill() {
      dead = true;
      for (const timer of pending) timer.cancel();
      pending.clear();
    },
  };
}
