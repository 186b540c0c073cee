import type { Clock, Timer } from './clock.ts';
import { type HeapTimer, TimerHeap } from './timer-heap.ts';

/** Rounds of callbacks at one instant after which they are taken to re-arm each other for ever. */
const maxRoundsPerInstant = 10_000;

/** 1 January 2026, 00:00 UTC. */
const defaultWallTimeMs = 1_767_225_600_000;

/** Why virtual time could not go on: nothing left to run, `maxMs` used up, or timers that re-arm at one instant. */
export type VirtualTimeErrorCode = 'STUCK' | 'TIMEOUT' | 'LOOP';

/** A `runUntil` or `advance` that cannot succeed; the message tells the situation. */
export class VirtualTimeError extends Error {
  override readonly name = 'VirtualTimeError';
  readonly code: VirtualTimeErrorCode;

  constructor(code: VirtualTimeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * A clock that stands still until told to move, and then moves only while everything is quiet. Several `advance` and
 * `runUntil` may be under way at once: time never passes the end of any of them before it is settled. A timer callback
 * that throws rejects all of them with its error.
 */
export interface VirtualClock extends Clock {
  /** Timers set and not yet run. */
  readonly pendingTimers: number;
  /** Moves `ms` on, running what falls due in order of time, then of creation, and waiting for quiet between instants. */
  advance(ms: number): Promise<void>;
  /**
   * Moves on, from timer to timer, until `promise` settles, and passes on its outcome. Rejects with
   * {@link VirtualTimeError} if nothing is left to run or `maxMs` virtual milliseconds have passed.
   */
  runUntil<T>(promise: Promise<T>, options: { readonly maxMs: number }): Promise<T>;
  /** Time stands still until the result is disposed of: for work outside the clock, such as a worker or a file. */
  hold(): Disposable;
  /** Lets the wall time jump by `ms`, as a set or corrected system clock does. */
  stepWallTime(ms: number): void;
}

/** What a virtual clock is given. */
export interface VirtualClockOptions {
  /** Waits for quiet: resolves after all pending microtasks. In Node: `() => new Promise((r) => setImmediate(r))`. */
  readonly settle: () => Promise<void>;
  /** Wall time at the start, Unix milliseconds. */
  readonly wallTimeMs?: number;
}

/** Someone who waits for time to move: up to `untilMs`, or to be told why not. */
interface Driver {
  readonly untilMs: number;
  /** An `advance`: it moves time even when no timer is left, and reaching `untilMs` is its success. */
  readonly movesTime: boolean;
  readonly reached: () => void;
  readonly failed: (error: unknown) => void;
}

/** Creates a virtual clock at monotonic time 0. */
export function createVirtualClock(options: VirtualClockOptions): VirtualClock {
  const { settle } = options;
  const timers = new TimerHeap();
  const drivers = new Set<Driver>();
  let nowMs = 0;
  let wallOffsetMs = options.wallTimeMs ?? defaultWallTimeMs;
  let created = 0;
  let holds = 0;
  let moving = false;
  let wake: (() => void) | undefined;

  const setTimer = (atMs: number, callback: () => void): Timer => {
    if (!Number.isFinite(atMs)) throw new RangeError(`setTimer: atMs must be finite, got ${atMs}`);
    const timer: HeapTimer = { atMs: Math.max(atMs, nowMs), order: created++, callback, index: -1 };
    timers.push(timer);
    return { cancel: () => timers.remove(timer) };
  };

  /** Runs what is due at this instant and was set before this round, so that quiet comes between cause and effect. */
  const runRound = (): void => {
    const end = created;
    for (let timer = timers.peek(); timer !== undefined; timer = timers.peek()) {
      if (timer.atMs > nowMs || timer.order >= end) return;
      timers.remove(timer);
      timer.callback();
    }
  };

  const failAll = (error: unknown): void => {
    const failing = [...drivers];
    drivers.clear();
    for (const driver of failing) driver.failed(error);
  };

  const situation = (): string => {
    const next = timers.peek();
    const nextText = next === undefined ? '' : `, the next at ${next.atMs} ms`;
    return `at virtual time ${nowMs} ms with ${timers.size} timers pending${nextText}`;
  };

  /** Moves time to the next timer, or to the end of the driver that ends before it. */
  const step = (): void => {
    const next = timers.peek();
    let endMs = Number.POSITIVE_INFINITY;
    let timeMoves = next !== undefined;
    for (const driver of drivers) {
      endMs = Math.min(endMs, driver.untilMs);
      timeMoves ||= driver.movesTime;
    }
    if (next !== undefined && next.atMs <= endMs) {
      nowMs = next.atMs;
      runRound();
    } else if (timeMoves) {
      nowMs = endMs;
      for (const driver of drivers) {
        if (driver.untilMs > nowMs) continue;
        drivers.delete(driver);
        driver.reached();
      }
    } else {
      failAll(new VirtualTimeError('STUCK', `the promise is pending and nothing is left to run, ${situation()}`));
    }
  };

  const move = async (): Promise<void> => {
    let rounds = 0;
    let lastMs = nowMs;
    try {
      for (;;) {
        await settle();
        if (drivers.size === 0) return;
        if (holds > 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        step();
        rounds = nowMs === lastMs ? rounds + 1 : 0;
        lastMs = nowMs;
        if (rounds > maxRoundsPerInstant) {
          throw new VirtualTimeError('LOOP', `timers re-arm for ever at one instant, ${situation()}`);
        }
      }
    } catch (error) {
      failAll(error);
    } finally {
      moving = false;
    }
  };

  const drive = (driver: Driver): void => {
    drivers.add(driver);
    if (moving) return;
    moving = true;
    void move();
  };

  const advance = (ms: number): Promise<void> => {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw new RangeError(`advance: ms must be 0 or more, got ${ms}`);
    return new Promise((resolve, reject) => {
      drive({ untilMs: nowMs + ms, movesTime: true, reached: resolve, failed: reject });
    });
  };

  const runUntil = <T>(promise: Promise<T>, { maxMs }: { readonly maxMs: number }): Promise<T> => {
    if (!(maxMs >= 0)) throw new RangeError(`runUntil: maxMs must be 0 or more, got ${maxMs}`);
    return new Promise((resolve, reject) => {
      const reached = (): void => {
        reject(new VirtualTimeError('TIMEOUT', `the promise is pending after ${maxMs} virtual ms, ${situation()}`));
      };
      const driver: Driver = { untilMs: nowMs + maxMs, movesTime: false, reached, failed: reject };
      const leaving =
        <A>(settled: (argument: A) => void) =>
        (argument: A): void => {
          drivers.delete(driver);
          wake?.();
          settled(argument);
        };
      drive(driver);
      promise.then(leaving(resolve), leaving(reject));
    });
  };

  const hold = (): Disposable => {
    let held = true;
    holds++;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        holds--;
        if (holds === 0) wake?.();
      },
    };
  };

  return {
    now: () => nowMs,
    wallTime: () => wallOffsetMs + nowMs,
    setTimer,
    advance,
    runUntil,
    hold,
    stepWallTime: (ms) => {
      wallOffsetMs += ms;
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}
