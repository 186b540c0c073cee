import type { TimelineEntry } from './call.ts';

/** What has happened in one call. Entries are numbered from 0; the oldest are gone once there are too many. */
export interface CallHistory {
  /** Number of the oldest entry kept. */
  readonly start: number;
  /** Number of the next entry. */
  readonly end: number;
  /** The entry of a number; `undefined` if it is gone or still to come. */
  at(number: number): TimelineEntry | undefined;
}

/** The timelines of all live calls, bounded per call. */
export interface TimelineArchive {
  /** Keeps an entry of a call that has arrived and not been forgotten. Overflow policy: the call's oldest entry goes. */
  add(entry: TimelineEntry): void;
  of(callId: string): CallHistory | undefined;
  forget(callId: string): void;
}

interface Kept extends CallHistory {
  push(entry: TimelineEntry): void;
}

/** Makes an empty archive that keeps at most `entriesPerCall` of each call. */
export function createTimelineArchive(entriesPerCall: number): TimelineArchive {
  const histories = new Map<string, Kept>();
  return {
    add: (entry) => {
      const { callId, kind } = entry;
      let history = histories.get(callId);
      if (history === undefined) {
        if (kind !== 'arrived') return;
        history = createHistory(entriesPerCall);
        histories.set(callId, history);
      }
      history.push(entry);
    },
    of: (callId) => histories.get(callId),
    forget: (callId) => {
      histories.delete(callId);
    },
  };
}

function createHistory(capacity: number): Kept {
  const entries: TimelineEntry[] = [];
  let start = 0;
  return {
    get start() {
      return start;
    },
    get end() {
      return start + entries.length;
    },
    at: (number) => entries[number - start],
    push: (entry) => {
      entries.push(entry);
      if (entries.length <= capacity) return;
      entries.shift();
      start++;
    },
  };
}
