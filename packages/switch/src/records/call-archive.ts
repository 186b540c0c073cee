import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { CallDirection, EndedBy, EndReason } from '@agentao/protocol';
import type { RecordingStopReason } from '../recording/recorder.ts';
import { openRecording } from '../recording/recording-reader.ts';
import { recordingWav, type WavContent } from '../recording/recording-wav.ts';
import { databaseFile } from './record-database.ts';
import { RecordsError } from './records-error.ts';
import { isFolderTaken, requireRecords } from './records-folder.ts';
import { requireKnownVersion } from './schema.ts';

/** The record of one call. Times that end in `Ms` are milliseconds since its arrival, but `startedAtMs`, which is Unix time. */
export interface CallSummary {
  readonly callId: string;
  readonly connectorUuid: string;
  readonly direction: CallDirection;
  /** Empty if withheld. */
  readonly callerNumber: string;
  readonly calleeNumber: string;
  readonly startedAtMs: number;
  /** When the caller's line opened; `null` if it never did. */
  readonly answeredMs: number | null;
  /** When caller and callee were together; `null` if they never were. */
  readonly connectedMs: number | null;
  /** `null` while the call is live. */
  readonly endedMs: number | null;
  /** `interrupted` if the switch was killed; `endedMs` is then that of the last entry, or of the end of the recording. */
  readonly endReason: EndReason | 'interrupted' | null;
  readonly endedBy: EndedBy | null;
  readonly recording: RecordedState;
}

/** The recording of a call, if there is one. */
export interface RecordedState {
  readonly state: 'off' | 'recording' | 'complete' | 'stopped' | 'interrupted';
  /** Why it stopped before the call did; `null` if it did not. */
  readonly reason: RecordingStopReason | null;
  /** Its folder, from that of the records; `null` without a recording. */
  readonly path: string | null;
  readonly bytes: number;
}

/** All that is known of one call: a line of the export. */
export interface StoredCall extends CallSummary {
  /** The agents that had it, one after another. */
  readonly agents: readonly {
    readonly epoch: number;
    readonly clientId: string;
    readonly joinedMs: number;
    readonly leftMs: number | null;
    readonly leftReason: string | null;
  }[];
  /** What happened: `atMs`, `kind` and the fields of that kind. */
  readonly timeline: readonly { readonly atMs: number; readonly kind: string; readonly [field: string]: unknown }[];
  /** What agents added. */
  readonly annotations: readonly { readonly atMs: number; readonly kind: string; readonly data: unknown }[];
}

/** Which calls. What is left out is no condition. */
export interface CallFilter {
  readonly connectorUuid?: string;
  /** Unix ms: calls that arrived then or later. */
  readonly sinceMs?: number;
  /** Unix ms: calls that arrived before. */
  readonly untilMs?: number;
  /** The newest so many. */
  readonly limit?: number;
}

/** Reads records, also while a switch writes them. */
export interface CallArchive extends Disposable {
  /** Calls by arrival, the newest first. */
  list(filter?: CallFilter): readonly CallSummary[];
  /** One call. Throws {@link RecordsError} (`NOT_FOUND`). */
  get(callId: string): StoredCall;
  /** Calls by arrival, the oldest first, one at a time; one that is deleted meanwhile is left out. `JSON.stringify` of each makes a line of the export. */
  all(filter?: CallFilter): Iterable<StoredCall>;
  /** The recording of a call as a WAV, in pieces that are valid until the next. Throws {@link RecordsError} (`NOT_FOUND`) where there is none to read. */
  wav(callId: string, content?: WavContent): Iterable<Uint8Array>;
  /** Whether a switch keeps its records here now. Where none does, a call without an end was cut off, and is marked so when a switch opens the folder. */
  hasSwitch(): boolean;
  close(): void;
}

/** Opens the records in a folder for reading. Throws {@link RecordsError}. */
export function openCallArchive({ folder }: { readonly folder: string }): CallArchive {
  requireRecords(folder, databaseFile);
  const database = openReadOnly(folder);

  const list = (filter: CallFilter = {}): readonly CallSummary[] => {
    const { connectorUuid, sinceMs, untilMs, limit } = filter;
    const rows = database
      .prepare(
        `SELECT * FROM calls WHERE (?1 IS NULL OR connector_uuid = ?1) AND (?2 IS NULL OR started_at_ms >= ?2)
          AND (?3 IS NULL OR started_at_ms < ?3) ORDER BY started_at_ms DESC, call_id LIMIT ?4`,
      )
      .all(connectorUuid ?? null, sinceMs ?? null, untilMs ?? null, limit ?? -1);
    return rows.map((row) => toSummary(row as unknown as CallRow));
  };

  const find = (callId: string): StoredCall | undefined => {
    const row = database.prepare('SELECT * FROM calls WHERE call_id = ?').get(callId);
    if (row === undefined) return undefined;
    const agents = database
      .prepare(
        `SELECT epoch, client_id AS clientId, joined_ms AS joinedMs, left_ms AS leftMs, left_reason AS leftReason
          FROM agents WHERE call_id = ? ORDER BY epoch`,
      )
      .all(callId);
    const timeline = database
      .prepare('SELECT at_ms, kind, fields FROM timeline WHERE call_id = ? ORDER BY seq')
      .all(callId);
    const annotations = database
      .prepare('SELECT at_ms, kind, data FROM annotations WHERE call_id = ? ORDER BY seq')
      .all(callId);
    return {
      ...toSummary(row as unknown as CallRow),
      agents: agents.map((agent) => ({ ...agent }) as unknown as StoredCall['agents'][number]),
      timeline: timeline.map(({ at_ms: atMs, kind, fields }) => ({
        ...(JSON.parse(String(fields)) as Record<string, unknown>),
        atMs: Number(atMs),
        kind: String(kind),
      })),
      annotations: annotations.map(({ at_ms: atMs, kind, data }) => ({
        atMs: Number(atMs),
        kind: String(kind),
        data: JSON.parse(String(data)) as unknown,
      })),
    };
  };

  const get = (callId: string): StoredCall => {
    const call = find(callId);
    if (call === undefined) throw new RecordsError('NOT_FOUND', `There is no call ${callId} in ${folder}.`);
    return call;
  };

  return {
    list,
    get,
    *all(filter) {
      for (const { callId } of list(filter).toReversed()) {
        const call = find(callId);
        if (call !== undefined) yield call;
      }
    },
    *wav(callId, content = 'mono') {
      using recording = openStored(folder, get(callId));
      yield* recordingWav(recording, content);
    },
    hasSwitch: () => isFolderTaken(folder),
    close: () => database.close(),
    [Symbol.dispose]: () => database.close(),
  };
}

function openReadOnly(folder: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(join(folder, databaseFile), { readOnly: true, timeout: 2_000 });
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    requireKnownVersion(version);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof RecordsError) throw error;
    throw new RecordsError(
      'DATABASE_UNUSABLE',
      `The records in ${folder} cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function openStored(folder: string, { callId, recording }: CallSummary) {
  if (recording.path === null) throw new RecordsError('NOT_FOUND', `The call ${callId} was not recorded.`);
  try {
    return openRecording(join(folder, recording.path));
  } catch (error) {
    throw new RecordsError('NOT_FOUND', `The recording of ${callId} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

interface CallRow {
  readonly call_id: string;
  readonly connector_uuid: string;
  readonly direction: CallDirection;
  readonly caller_number: string;
  readonly callee_number: string;
  readonly started_at_ms: number;
  readonly answered_ms: number | null;
  readonly connected_ms: number | null;
  readonly ended_ms: number | null;
  readonly end_reason: CallSummary['endReason'];
  readonly ended_by: EndedBy | null;
  readonly recording: RecordedState['state'];
  readonly recording_reason: RecordingStopReason | null;
  readonly recording_path: string | null;
  readonly recording_bytes: number;
}

function toSummary(row: CallRow): CallSummary {
  return {
    callId: row.call_id,
    connectorUuid: row.connector_uuid,
    direction: row.direction,
    callerNumber: row.caller_number,
    calleeNumber: row.callee_number,
    startedAtMs: row.started_at_ms,
    answeredMs: row.answered_ms,
    connectedMs: row.connected_ms,
    endedMs: row.ended_ms,
    endReason: row.end_reason,
    endedBy: row.ended_by,
    recording: {
      state: row.recording,
      reason: row.recording_reason,
      path: row.recording_path,
      bytes: row.recording_bytes,
    },
  };
}
