import type { Clock, Timer } from './clock.ts';

/** Longest delay that `setTimeout` takes; anything above fires at once. */
const maxDelayMs = 2 ** 31 - 1;

/** The globals a system clock is made of; `globalThis` fits in Node and in browsers. */
export interface SystemTimeGlobals {
  readonly performance: { now(): number };
  readonly Date: { now(): number };
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(handle: never): void;
}

/** The machine's own clock: `createSystemClock(globalThis)`. Timers are never early, of any length, and unref'd where the host can. */
export function createSystemClock(globals: SystemTimeGlobals): Clock {
  const now = (): number => globals.performance.now();

  const setTimer = (atMs: number, callback: () => void): Timer => {
    if (!Number.isFinite(atMs)) throw new RangeError(`setTimer: atMs must be finite, got ${atMs}`);
    let handle: unknown;
    const arm = (): void => {
      const delayMs = Math.min(Math.max(Math.ceil(atMs - now()), 0), maxDelayMs);
      handle = globals.setTimeout(fire, delayMs);
      unref(handle);
    };
    const fire = (): void => {
      // A host timer counts whole milliseconds from a cached time, so it may fire a fraction early.
      if (now() < atMs) arm();
      else callback();
    };
    arm();
    return { cancel: () => globals.clearTimeout(handle as never) };
  };

  return { now, wallTime: () => globals.Date.now(), setTimer };
}

function unref(handle: unknown): void {
  if (typeof handle !== 'object' || handle === null || !('unref' in handle)) return;
  if (typeof handle.unref === 'function') handle.unref();
}
