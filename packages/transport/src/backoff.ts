/** Delays between the attempts to open a connection again. One owner per retry sequence. */
export interface Backoff {
  /** Milliseconds to wait before the next attempt: anywhere from 0 to a bound that doubles with each call. */
  next(): number;
  /** Told how long a session lasted that had opened: one that lived long enough starts the sequence afresh. */
  sessionLived(ms: number): void;
}

/** How a back-off grows. */
export interface BackoffOptions {
  /** Bound of the first delay. */
  readonly baseMs: number;
  /** Bound of every delay. */
  readonly capMs: number;
  /** A session shorter than this died young and resets nothing. Default `capMs`. */
  readonly settledMs?: number;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/** Capped exponential back-off with full jitter. */
export function createBackoff(options: BackoffOptions): Backoff {
  const { baseMs, capMs, settledMs = capMs, random = Math.random } = options;
  if (!(baseMs > 0 && capMs >= baseMs)) throw new RangeError('createBackoff: 0 < baseMs <= capMs is required');
  let boundMs = baseMs;
  return {
    next: () => {
      const delayMs = random() * boundMs;
      boundMs = Math.min(boundMs * 2, capMs);
      return delayMs;
    },
    sessionLived: (ms) => {
      if (ms >= settledMs) boundMs = baseMs;
    },
  };
}
