import type { PageTime } from './page-time.ts';

/** A time that stands still until it is moved. */
export interface TestTime extends PageTime {
  /** Timers that have not run and were not cancelled. */
  readonly pending: number;
  /** Whether timers are late for ever, as in a hidden tab. */
  held: boolean;
  /** Moves on; timers run when they are due, in their order. */
  advance(ms: number): void;
  /** Moves on in one leap, as after a sleep: timers that came due meanwhile run late. */
  leap(ms: number): void;
}

/** Makes a time that begins at 1,000 ms, and at a Unix time of 1,000,000 ms. */
export function createTestTime(): TestTime {
  const timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  let nowMs = 1000;

  const runDue = (untilMs: number, keepTime: boolean): void => {
    while (!time.held) {
      const next = [...timers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > untilMs) return;
      timers.delete(next);
      if (keepTime) nowMs = Math.max(nowMs, next.dueMs);
      next.callback();
    }
  };

  const time: TestTime = {
    held: false,
    get pending() {
      return timers.size;
    },
    now: () => nowMs,
    wallMs: () => 999_000 + nowMs,
    after: (ms, callback) => {
      const timer = { dueMs: nowMs + ms, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (ms) => {
      const untilMs = nowMs + ms;
      runDue(untilMs, true);
      nowMs = untilMs;
    },
    leap: (ms) => {
      nowMs += ms;
      runDue(nowMs, false);
    },
  };
  return time;
}
