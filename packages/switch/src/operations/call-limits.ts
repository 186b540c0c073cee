import type { Clock } from '@agentao/clock';
import type { Connector } from '../connectors/connector.ts';

/** Why a connector takes no further call now. */
export interface CallRefusal {
  readonly reason: 'limit' | 'rate';
  readonly message: string;
}

/** Holds connectors to their `maxCalls` and `callsPerSecond`. */
export interface CallLimiter {
  /** Whether one more call is too many where `live` are; one that is not is counted. */
  refuses(connector: Connector, live: number): CallRefusal | undefined;
  /** Forgets the connectors that are no longer there. */
  keep(uuids: ReadonlySet<string>): void;
}

interface Bucket {
  readonly perSecond: number;
  left: number;
  atMs: number;
}

/** Creates it with every allowance full. */
export function createCallLimiter(clock: Clock): CallLimiter {
  const buckets = new Map<string, Bucket>();

  const take = (uuid: string, perSecond: number): boolean => {
    const burst = Math.max(1, perSecond);
    const nowMs = clock.now();
    const known = buckets.get(uuid);
    // Another rate is another allowance: the one that was used up belongs to the old one.
    const bucket = known?.perSecond === perSecond ? known : { perSecond, left: burst, atMs: nowMs };
    buckets.set(uuid, bucket);
    bucket.left = Math.min(burst, bucket.left + ((nowMs - bucket.atMs) * perSecond) / 1_000);
    bucket.atMs = nowMs;
    if (bucket.left < 1) return false;
    bucket.left--;
    return true;
  };

  return {
    refuses: ({ uuid, limits: { maxCalls, callsPerSecond } }, live) => {
      if (live >= maxCalls) return { reason: 'limit', message: `the connector has ${live} calls already` };
      if (callsPerSecond === Number.POSITIVE_INFINITY || take(uuid, callsPerSecond)) return undefined;
      return { reason: 'rate', message: `the connector takes ${callsPerSecond} calls a second` };
    },
    keep: (uuids) => {
      for (const uuid of buckets.keys()) if (!uuids.has(uuid)) buckets.delete(uuid);
    },
  };
}
