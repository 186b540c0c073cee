/** A pending callback. `cancel()` is idempotent and does nothing once the callback has run. */
export interface Timer {
  cancel(): void;
}

/** Time as every AgenTao package sees it: the only source of "now", of delays and of timers. */
export interface Clock {
  /** Monotonic milliseconds with a fraction, from an arbitrary origin; never goes back. */
  now(): number;
  /** Wall time in Unix milliseconds; may jump. For records and logs, never for durations. */
  wallTime(): number;
  /** Runs `callback` once, at or after monotonic time `atMs`, never before this returns. A pending timer does not keep a process alive. */
  setTimer(atMs: number, callback: () => void): Timer;
}
