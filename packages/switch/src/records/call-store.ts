import type { CallDirection, EndedBy, EndReason } from '@agentao/protocol';
import type { Recorder, RecordingState } from '../recording/recorder.ts';
import type { RecorderStats } from '../recording/worker-recorder.ts';
import type { StoreStats } from './worker-store.ts';

/** One addition to the record of one call. Times are milliseconds since the call's arrival. Never holds a DTMF digit. */
export type RecordChange =
  | {
      readonly type: 'arrived';
      readonly callId: string;
      readonly connectorUuid: string;
      readonly direction: CallDirection;
      readonly callerNumber: string;
      readonly calleeNumber: string;
      /** Wall time, Unix ms. */
      readonly startedAtMs: number;
    }
  | { readonly type: 'stage'; readonly callId: string; readonly atMs: number; readonly stage: 'answered' | 'connected' }
  | {
      readonly type: 'agent_joined';
      readonly callId: string;
      readonly atMs: number;
      readonly epoch: number;
      readonly clientId: string;
    }
  | {
      readonly type: 'agent_left';
      readonly callId: string;
      readonly atMs: number;
      readonly epoch: number;
      readonly reason: EndReason;
    }
  | {
      readonly type: 'timeline';
      readonly callId: string;
      readonly atMs: number;
      /** Counts from 0 in each call. */
      readonly seq: number;
      readonly kind: string;
      /** The other fields of the entry, as JSON. */
      readonly fields: string;
    }
  | {
      readonly type: 'annotation';
      readonly callId: string;
      readonly atMs: number;
      /** Counts from 0 in each call. */
      readonly seq: number;
      readonly kind: string;
      /** As JSON. */
      readonly data: string;
    }
  | { readonly type: 'recording'; readonly callId: string; readonly recording: RecordingState }
  | {
      readonly type: 'ended';
      readonly callId: string;
      readonly atMs: number;
      readonly reason: EndReason;
      readonly by: EndedBy;
    };

/** Keeps the records of calls. */
export interface CallStore {
  /** Takes a change in; the changes of one call come in order, `arrived` first. Must not throw or wait: a store that is broken affects no call. */
  write(change: RecordChange): void;
}

/** What records have done since they were opened. */
export interface RecordsStats {
  readonly store: StoreStats;
  readonly recorder: RecorderStats;
}

/** What a switch keeps of its calls, and where. Its owner closes it, after the switch. */
export interface SwitchRecords {
  readonly store: CallStore;
  /** Needed where a connector has `recording: 'on'`. */
  readonly recorder?: Recorder;
  /** What people hear as notice that the call is recorded: samples at 24,000 Hz, at most 10 s. Default: 400 ms of 1,400 Hz. */
  readonly consentClip?: Int16Array;
  /** For metrics. */
  stats?(): RecordsStats;
}
