import type { EndedBy, EndReason } from '@agentao/protocol';
import type { TimelineEntry } from '../calls/call.ts';
import type { RecordChange } from './call-store.ts';

/** Turns the timeline of one call into changes of its record. */
export interface TimelineChanges {
  /** What an entry changes, in order. */
  of(entry: TimelineEntry): readonly RecordChange[];
}

/**
 * Entries of one call that are kept. Overflow policy: later ones change stages, agents and the end of the record, and are not kept themselves.
 */
export const keptEntries = 10_000;

// Numbers are columns of the call, and digits are nowhere.
const leftOut: ReadonlySet<string> = new Set(['callId', 'atMs', 'kind', 'from', 'to', 'digit', 'digits']);

/** Makes the translation for one call. */
export function createTimelineChanges(callId: string): TimelineChanges {
  const reached = new Set<string>();
  let seq = 0;
  let epoch = 0;

  const meaningOf = (entry: TimelineEntry): RecordChange | undefined => {
    const { atMs, kind } = entry;
    const about = { callId, atMs };
    if (kind === 'state') {
      const stage = entry['stage'];
      if ((stage !== 'answered' && stage !== 'connected') || reached.has(stage)) return undefined;
      reached.add(stage);
      return { type: 'stage', ...about, stage };
    }
    if (kind === 'attached') {
      epoch = typeof entry['epoch'] === 'number' ? entry['epoch'] : epoch + 1;
      return { type: 'agent_joined', ...about, epoch, clientId: String(entry['clientId']) };
    }
    if (kind === 'event' && entry['event'] === 'call.terminated') {
      return { type: 'agent_left', ...about, epoch, reason: entry['reason'] as EndReason };
    }
    if (kind === 'ended') {
      return { type: 'ended', ...about, reason: entry['reason'] as EndReason, by: entry['by'] as EndedBy };
    }
    return undefined;
  };

  return {
    of(entry) {
      // Notes are annotations of the record already.
      if (entry.kind === 'note') return [];
      const changes: RecordChange[] = [];
      if (seq < keptEntries) {
        const { atMs, kind } = entry;
        changes.push({ type: 'timeline', callId, atMs, seq: seq++, kind, fields: fieldsOf(entry) });
      }
      const meaning = meaningOf(entry);
      if (meaning !== undefined) changes.push(meaning);
      return changes;
    },
  };
}

function fieldsOf(entry: TimelineEntry): string {
  return JSON.stringify(Object.fromEntries(Object.entries(entry).filter(([name]) => !leftOut.has(name))));
}
