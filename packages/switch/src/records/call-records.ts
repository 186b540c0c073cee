import type { Clock } from '@agentao/clock';
import type { CallDirection } from '@agentao/protocol';
import type { TimelineEntry } from '../calls/call.ts';
import type { Annotation } from '../calls/call-notes.ts';
import type { Connector, ConnectorOptions } from '../connectors/connector.ts';
import type { ConferenceTap } from '../media/conference.ts';
import { checkConsentClip, defaultConsentClip } from '../recording/consent-tone.ts';
import { createRecordingTap } from '../recording/recording-tap.ts';
import type { Logger } from '../servers/logger.ts';
import { type AnnotationBudget, createAnnotationBudget } from './annotation-budget.ts';
import type { RecordChange, SwitchRecords } from './call-store.ts';
import { createTimelineChanges, type TimelineChanges } from './timeline-changes.ts';

/** For so long after its end a call's record takes annotations. */
const lateAnnotationMs = 5_000;

/** A call as it arrives. */
export interface ArrivedCall {
  readonly callId: string;
  readonly connector: Connector;
  readonly direction: CallDirection;
  readonly callerNumber: string;
  readonly calleeNumber: string;
}

/** Where one call is written down. */
export interface CallRecord {
  /** Records the conference, if the connector wants that. */
  readonly tap: ConferenceTap | undefined;
  /** An annotation that the call has accepted. */
  annotated(annotation: Annotation): void;
}

/** Writes down the calls of a switch. Nothing of it throws, and nothing waits. */
export interface CallRecords {
  /** A call arrives: its record is begun. */
  open(call: ArrivedCall): CallRecord;
  /** What happens in all calls. The first entry `ended` of a call ends its recording. */
  timeline(entry: TimelineEntry): void;
  /** Adds to the record of a call, live or ended no longer than 5 s ago; returns why not, if so. */
  annotate(callId: string, annotation: Omit<Annotation, 'atMs'>): string | undefined;
}

interface OpenRecord {
  readonly originMs: number;
  readonly changes: TimelineChanges;
  readonly budget: AnnotationBudget;
  readonly endTap: (() => void) | undefined;
  annotations: number;
  ended: boolean;
}

/** Makes the records of a switch. Throws a TypeError that names the option at fault. */
export function createCallRecords(
  records: SwitchRecords,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): CallRecords {
  const clip = checkConsentClip(records.consentClip ?? defaultConsentClip());
  const open = new Map<string, OpenRecord>();

  const write = (change: RecordChange): void => {
    try {
      records.store.write(change);
    } catch (error) {
      logger.error({ err: error, callId: change.callId }, 'the store of call records threw');
    }
  };

  const annotate = (callId: string, record: OpenRecord, annotation: Annotation): void => {
    const { atMs, kind, data } = annotation;
    write({ type: 'annotation', callId, atMs, seq: record.annotations++, kind, data: JSON.stringify(data ?? null) });
  };

  const tapOf = ({ callId, connector }: ArrivedCall, startedAtMs: number, atMs: () => number) => {
    const { recorder } = records;
    if (recorder === undefined || connector.recording === 'off') return undefined;
    const consentClip = connector.consentTone === 'on' ? clip : undefined;
    return createRecordingTap({
      recorder,
      call: { callId, connectorUuid: connector.uuid, startedAtMs, consentClip },
      atMs,
      onState: (recording) => write({ type: 'recording', callId, recording }),
      onFault: (error) => logger.error({ err: error, callId }, 'a call is recorded no further'),
    });
  };

  return {
    open(call) {
      const { callId, connector, direction, callerNumber, calleeNumber } = call;
      const originMs = clock.now();
      const startedAtMs = Math.round(clock.wallTime());
      const parties = { connectorUuid: connector.uuid, direction, callerNumber, calleeNumber };
      write({ type: 'arrived', callId, ...parties, startedAtMs });
      const tap = tapOf(call, startedAtMs, () => Math.round(clock.now() - originMs));
      const record: OpenRecord = {
        originMs,
        changes: createTimelineChanges(callId),
        budget: createAnnotationBudget(),
        endTap: tap?.end,
        annotations: 0,
        ended: false,
      };
      open.set(callId, record);
      return {
        tap,
        annotated: (annotation) => {
          record.budget.take(annotation);
          annotate(callId, record, annotation);
        },
      };
    },

    timeline(entry) {
      const { callId } = entry;
      const record = open.get(callId);
      if (record === undefined || (record.ended && entry.kind === 'ended')) return;
      for (const change of record.changes.of(entry)) write(change);
      if (entry.kind !== 'ended') return;
      record.ended = true;
      record.endTap?.();
      clock.setTimer(clock.now() + lateAnnotationMs, () => open.delete(callId));
    },

    annotate(callId, { kind, data }) {
      const record = open.get(callId);
      if (record === undefined) return 'the call is unknown, or has been over for too long';
      const annotation = { atMs: Math.round(clock.now() - record.originMs), kind, data };
      const refusal = record.budget.take(annotation);
      if (refusal === undefined) annotate(callId, record, annotation);
      return refusal;
    },
  };
}

/** Throws a TypeError that names the connector that wants to be recorded where nothing records. */
export function checkRecording(connectors: readonly ConnectorOptions[], records: SwitchRecords | undefined): void {
  const wanting = connectors.find(({ recording }) => recording === 'on');
  if (wanting === undefined || records?.recorder !== undefined) return;
  const lacks = records === undefined ? 'the switch has no records' : 'records has no recorder';
  throw new TypeError(`connector ${wanting.uuid}: recording is on, and ${lacks}`);
}
