import type { Clock } from '@agentao/clock';

/** Tells whether one more message is within the rate: `perSecond` on average, twice as many at once. */
export interface MessageRate {
  take(): boolean;
}

/** Creates a rate that starts with its full allowance. */
export function createMessageRate(clock: Clock, perSecond: number): MessageRate {
  const burst = 2 * perSecond;
  let left = burst;
  let atMs = clock.now();
  return {
    take: () => {
      const nowMs = clock.now();
      left = Math.min(burst, left + ((nowMs - atMs) * perSecond) / 1_000);
      atMs = nowMs;
      if (left < 1) return false;
      left--;
      return true;
    },
  };
}
