import type { Clock } from '@agentao/clock';
import type { TimelineEntry } from '../calls/call.ts';
import { CallTrace } from './call-trace.ts';

/** Turns the timelines of calls into spans. */
export interface CallSpans {
  timeline(entry: TimelineEntry): void;
  /** The call was never made: nothing more will be told of it. */
  abandon(callId: string): void;
}

/** What it is made of. */
export interface CallSpansOptions {
  readonly clock: Clock;
  /** The connector that serves a number. */
  readonly connectorOf: (number: string) => string | undefined;
}

/** Makes it. A call whose span nobody records costs its first entry and a look-up for each of the others. */
export function createCallSpans({ clock, connectorOf }: CallSpansOptions): CallSpans {
  const traces = new Map<string, CallTrace>();
  return {
    timeline(entry) {
      const { callId, kind } = entry;
      if (kind === 'arrived') {
        const started = CallTrace.start(entry, { clock, connectorUuid: connectorOf(String(entry['to'])) });
        if (started !== undefined) traces.set(callId, started);
        return;
      }
      traces.get(callId)?.entry(entry);
      if (kind === 'ended') traces.delete(callId);
    },
    abandon(callId) {
      traces.get(callId)?.abandon();
      traces.delete(callId);
    },
  };
}
