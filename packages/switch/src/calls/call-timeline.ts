import { type CallEventMessage, limits } from '@agentao/protocol';
import { jsonBytes } from '../records/annotation-budget.ts';
import type { Annotation } from './call-notes.ts';
import type { TimelineEntry } from './call.ts';

/** Timelines are kept in memory: a longer note is in the record only. */
const longestNoteBytes = 4_096;

/** Writes the timeline of one call. */
export interface CallTimeline {
  note(kind: string, fields?: Readonly<Record<string, unknown>>): void;
  /** An event as it was sent to the agent, without the digit. */
  event(event: CallEventMessage): void;
  /** What a client has added to the record; of what is long only that it was. */
  annotated(annotation: Annotation): void;
  /** A fault that ends the call. */
  fault(error: unknown): void;
}

/** Makes the writer of one call's timeline. */
export function createCallTimeline(
  callId: string,
  options: { readonly atMs: () => number; readonly write: (entry: TimelineEntry) => void },
): CallTimeline {
  const { atMs, write } = options;
  const note: CallTimeline['note'] = (kind, fields) => write({ callId, atMs: atMs(), kind, ...fields });
  return {
    note,
    event(event) {
      if (event.type === 'call.dtmf') {
        note('event', { event: event.type, party: event.party });
        return;
      }
      const { type, atMs: _, ...fields } = event;
      note('event', { event: type, ...fields });
    },
    annotated({ kind, data }) {
      const isLong = jsonBytes(data) > longestNoteBytes;
      note('note', { note: kind, ...(isLong ? {} : { data }) });
    },
    fault(error) {
      const message = error instanceof Error ? error.message : String(error);
      note('fault', { message: message.slice(0, limits.textLength) });
    },
  };
}
