import type { Attributes } from '@opentelemetry/api';
import type { TimelineEntry } from '../calls/call.ts';
import { attribute } from './span-names.ts';

/** Fields of events in the timeline that may be written, with the attribute that holds each. What an error says is not among them. */
const written: ReadonlyMap<string, string> = new Map([
  ['mode', attribute.mode],
  ['errorCode', attribute.errorType],
  ['outageMs', attribute.outage],
  ['replayedSamples', attribute.replayed],
  ['droppedSamples', attribute.dropped],
  ['party', attribute.party],
  ['reason', attribute.endReason],
  ['by', attribute.endedBy],
]);

/** The attributes of an event in the timeline of a call. */
export function eventAttributes(entry: TimelineEntry): Attributes {
  const attributes: Attributes = {};
  for (const [field, value] of Object.entries(entry)) {
    const name = written.get(field);
    if (name !== undefined && (typeof value === 'string' || typeof value === 'number')) attributes[name] = value;
  }
  return attributes;
}
