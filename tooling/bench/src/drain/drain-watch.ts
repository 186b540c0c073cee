import type { PairReport, Told } from '../chaos/messages.ts';

/** An agent's part in a call; times are those of this process. */
export interface WatchedPart {
  readonly agent: string;
  readonly callId: string;
  readonly takenOver: boolean;
  readonly beganMs: number;
  overMs: number | undefined;
  reason: string | undefined;
}

/** A pair of phones that is done. */
export interface WatchedPair {
  readonly report: PairReport;
  readonly atMs: number;
}

/** What agents and phones told, and when. */
export interface DrainWatch {
  readonly parts: readonly WatchedPart[];
  readonly pairs: readonly WatchedPair[];
  told(from: string, told: Told): void;
  pair(report: PairReport): void;
  /** Parts in which that process is. */
  partsOf(agent: string): readonly WatchedPart[];
}

/** Makes one that has seen nothing. */
export function createDrainWatch(): DrainWatch {
  const parts = new Map<string, WatchedPart>();
  const pairs: WatchedPair[] = [];
  return {
    get parts() {
      return [...parts.values()];
    },
    pairs,
    told: (agent, told) => {
      if (told.type === 'begun') {
        const { callId, takenOver, part } = told;
        const beganMs = performance.now();
        parts.set(`${agent} ${part}`, { agent, callId, takenOver, beganMs, overMs: undefined, reason: undefined });
      }
      if (told.type !== 'part') return;
      const part = parts.get(`${agent} ${told.part}`);
      if (part === undefined) return;
      part.overMs = performance.now();
      part.reason = told.ended?.reason;
    },
    pair: (report) => void pairs.push({ report, atMs: performance.now() }),
    partsOf: (name) => [...parts.values()].filter(({ agent, overMs }) => agent === name && overMs === undefined),
  };
}
