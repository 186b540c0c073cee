import type { MonitorCall, MonitorCallEnded } from '@agentao/protocol';
import type { TimelineLine, WatchedCall } from './monitor.ts';

/** The calls of a monitor with their timelines; each change makes new lists. */
export interface CallList {
  /** Live calls, oldest first, then ended ones, newest first. */
  readonly calls: readonly WatchedCall[];
  isLive(callId: string): boolean;
  timeline(callId: string | undefined): readonly TimelineLine[];
  /** These are the live calls now; others have gone unnoticed. */
  replace(calls: readonly MonitorCall[]): void;
  /** A call is new or has changed. */
  change(call: MonitorCall): void;
  /** A call is over, at `wallMs` by the page's clock. */
  end(ended: Pick<MonitorCallEnded, 'callId' | 'reason' | 'by'>, wallMs: number): void;
  /** The timeline of this call is about to be told from its start. */
  expectTimeline(callId: string): void;
  addLine(callId: string, line: TimelineLine): void;
  /** Forgets everything. */
  clear(): void;
}

const keptEnded = 20;
const keptLines = 256;
const noLines: readonly TimelineLine[] = [];

/** Makes an empty list. It keeps the 20 calls that ended last and the last 256 lines of each call. */
export function createCallList(): CallList {
  const live = new Map<string, MonitorCall>();
  const timelines = new Map<string, readonly TimelineLine[]>();
  /** Calls whose timeline begins anew with the next line. */
  const stale = new Set<string>();
  let ended: readonly WatchedCall[] = [];
  let calls: readonly WatchedCall[] = [];

  const arrange = (): void => {
    const oldestFirst = [...live.values()].sort((a, b) => a.startedAtMs - b.startedAtMs);
    calls = [...oldestFirst, ...ended];
    const known = new Set(calls.map(({ callId }) => callId));
    for (const callId of timelines.keys()) if (!known.has(callId)) timelines.delete(callId);
    for (const callId of stale) if (!live.has(callId)) stale.delete(callId);
  };

  return {
    get calls() {
      return calls;
    },
    isLive: (callId) => live.has(callId),
    timeline: (callId) => (callId === undefined ? noLines : (timelines.get(callId) ?? noLines)),
    replace: (next) => {
      live.clear();
      for (const call of next) live.set(call.callId, call);
      arrange();
    },
    change: (call) => {
      live.set(call.callId, call);
      arrange();
    },
    end: ({ callId, reason, by }, wallMs) => {
      const call = live.get(callId);
      if (call === undefined) return;
      live.delete(callId);
      const ending = { reason, by, atMs: Math.max(0, wallMs - call.startedAtMs) };
      ended = [{ ...call, ending }, ...ended].slice(0, keptEnded);
      arrange();
    },
    clear: () => {
      live.clear();
      ended = [];
      arrange();
    },
    expectTimeline: (callId) => {
      stale.add(callId);
    },
    addLine: (callId, line) => {
      if (!live.has(callId) && !ended.some((call) => call.callId === callId)) return;
      const before = timelines.get(callId) ?? noLines;
      const last = before.at(-1);
      // Lines of an earlier `watch` may still be on their way: one that is older than the last one is the first anew.
      const isStale = stale.delete(callId);
      const goesOn = last !== undefined && line.atMs >= last.atMs && !isStale;
      timelines.set(callId, goesOn ? [...before, line].slice(-keptLines) : [line]);
    },
  };
}
