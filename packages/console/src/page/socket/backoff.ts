import { limits } from '@agentao/protocol';

/** Waits between the attempts of one connection (H-11). */
export interface Backoff {
  /** Milliseconds until the next attempt: anywhere from 0 to a bound that doubles with each call. */
  next(): number;
  /** A connection lived for `ms`: one that lived long enough sets the bound back. */
  lived(ms: number): void;
  /** A person wants it now: the bound is set back. */
  reset(): void;
}

/** How a back-off grows. */
export interface BackoffOptions {
  readonly baseMs?: number;
  /** A person waits in front of the page, so the default of 10 s is shorter than what the protocol allows. */
  readonly capMs?: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

const defaultCapMs = 10_000;

/** Capped exponential back-off with full jitter. */
export function createBackoff(options: BackoffOptions): Backoff {
  const { baseMs = limits.reconnectBaseMs, capMs = defaultCapMs, random } = options;
  let boundMs = baseMs;
  return {
    next: () => {
      const waitMs = random() * boundMs;
      boundMs = Math.min(2 * boundMs, capMs);
      return waitMs;
    },
    lived: (ms) => {
      if (ms >= limits.reconnectSettledMs) boundMs = baseMs;
    },
    reset: () => {
      boundMs = baseMs;
    },
  };
}
