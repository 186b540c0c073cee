import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { recordedParties } from '../recording/recorder.ts';
import { tickMs } from '../media/bus.ts';
import { trackFile } from '../recording/call-files.ts';
import { openRecording } from '../recording/recording-reader.ts';
import type { RecordChange } from './call-store.ts';
import { makePrivate, makePrivateFile } from './private-file.ts';
import { migrate } from './schema.ts';

/** The database's file in the folder of the records. */
export const databaseFile = 'calls.db';

/** A change that the schema does not allow; the others of its batch are kept. */
export interface RejectedChange {
  readonly change: RecordChange;
  readonly message: string;
}

/** The records of one switch, for writing. */
export interface RecordDatabase {
  readonly database: DatabaseSync;
  /** Writes changes in one transaction: on return they are on the medium. Throws what SQLite throws, and then nothing of them is written. */
  write(changes: readonly RecordChange[]): readonly RejectedChange[];
  close(): void;
}

/** SQLite's primary result code of a broken constraint. */
const constraintCode = 19;

/** How a database is opened. */
export interface RecordDatabaseOptions {
  /** Calls without an end are those of a switch that is gone, and are marked `interrupted`. Default: true. */
  readonly interrupt?: boolean;
}

/**
 * Opens the database of the records in `folder`, makes it if there is none, for its owner only, and marks calls that were live when it was written last as
 * `interrupted`: whoever opens it for writing is the only one. Throws what SQLite and the file system throw, and `RecordsError` for one of a newer version.
 */
export function openRecordDatabase(folder: string, { interrupt = true }: RecordDatabaseOptions = {}): RecordDatabase {
  const file = join(folder, databaseFile);
  makePrivateFile(file);
  for (const companion of ['-wal', '-shm']) makePrivate(`${file}${companion}`);
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 500 });
  try {
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 64; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF',
    );
    migrate(database);
    if (interrupt) interruptOpenCalls(database, folder);
  } catch (error) {
    database.close();
    throw error;
  }
  const apply = prepare(database);

  return {
    database,
    write(changes) {
      const rejected: RejectedChange[] = [];
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const change of changes) {
          try {
            apply(change);
          } catch (error) {
            if (!isConstraint(error)) throw error;
            rejected.push({ change, message: (error as Error).message });
          }
        }
        database.exec('COMMIT');
      } catch (error) {
        // Some errors have rolled it back themselves.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
      return rejected;
    },
    close: () => database.close(),
  };
}

function isConstraint(error: unknown): boolean {
  return (((error as { readonly errcode?: number }).errcode ?? 0) & 0xff) === constraintCode;
}

/** A switch that was killed could not write how its calls ended: they are known to have lived as long as their last entry, and as there is sound of them. */
function interruptOpenCalls(database: DatabaseSync, folder: string): void {
  const bytes = database.prepare('UPDATE calls SET recording_bytes = ? WHERE call_id = ?');
  const ended = database.prepare(
    `UPDATE calls SET end_reason = 'interrupted', ended_by = 'switch',
      ended_ms = max(?, coalesce((SELECT max(at_ms) FROM timeline WHERE timeline.call_id = calls.call_id), 0)) WHERE call_id = ? AND ended_ms IS NULL`,
  );
  database.exec('BEGIN IMMEDIATE');
  const open = database
    .prepare(`SELECT call_id, recording, recording_path FROM calls WHERE recording = 'recording' OR ended_ms IS NULL`)
    .all();
  for (const { call_id: callId, recording, recording_path: path } of open) {
    const place = path === null ? undefined : join(folder, String(path));
    if (place !== undefined && recording === 'recording') bytes.run(recordingBytes(place), String(callId));
    ended.run(place === undefined ? 0 : recordedUntilMs(place), String(callId));
  }
  database.exec(`
    UPDATE calls SET recording = 'interrupted' WHERE recording = 'recording';
    UPDATE agents SET left_reason = 'interrupted', left_ms = max(joined_ms, (SELECT ended_ms FROM calls WHERE calls.call_id = agents.call_id))
      WHERE left_ms IS NULL AND call_id IN (SELECT call_id FROM calls WHERE end_reason = 'interrupted');
    COMMIT`);
}

/** Milliseconds from the call's arrival to the end of what is recorded of it; 0 where that cannot be read. */
function recordedUntilMs(folder: string): number {
  try {
    using recording = openRecording(folder);
    const { startMs, ticks } = recording.facts;
    return startMs + ticks * tickMs;
  } catch {
    return 0;
  }
}

function recordingBytes(folder: string): number {
  let bytes = 0;
  for (const party of recordedParties)
    bytes += statSync(join(folder, trackFile(party)), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

function prepare(database: DatabaseSync): (change: RecordChange) => void {
  const sql = (text: string): StatementSync => database.prepare(text);
  const arrived = sql(
    'INSERT INTO calls (call_id, connector_uuid, direction, caller_number, callee_number, started_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const stages = {
    answered: sql('UPDATE calls SET answered_ms = ? WHERE call_id = ? AND answered_ms IS NULL'),
    connected: sql('UPDATE calls SET connected_ms = ? WHERE call_id = ? AND connected_ms IS NULL'),
  };
  const joined = sql('INSERT INTO agents (call_id, epoch, client_id, joined_ms) VALUES (?, ?, ?, ?)');
  const left = sql(
    'UPDATE agents SET left_ms = ?, left_reason = ? WHERE call_id = ? AND epoch = ? AND left_ms IS NULL',
  );
  const timeline = sql('INSERT INTO timeline (call_id, seq, at_ms, kind, fields) VALUES (?, ?, ?, ?, ?)');
  const annotation = sql('INSERT INTO annotations (call_id, seq, at_ms, kind, data) VALUES (?, ?, ?, ?, ?)');
  const recording = sql(
    'UPDATE calls SET recording = ?, recording_reason = ?, recording_path = ?, recording_bytes = ? WHERE call_id = ?',
  );
  const ended = sql('UPDATE calls SET ended_ms = ?, end_reason = ?, ended_by = ? WHERE call_id = ?');
  const run = (statement: StatementSync, ...values: SQLInputValue[]): void => void statement.run(...values);

  return (change) => {
    const { callId } = change;
    switch (change.type) {
      case 'arrived': {
        const { connectorUuid, direction, callerNumber, calleeNumber, startedAtMs } = change;
        return run(arrived, callId, connectorUuid, direction, callerNumber, calleeNumber, startedAtMs);
      }
      case 'stage':
        return run(stages[change.stage], change.atMs, callId);
      case 'agent_joined':
        return run(joined, callId, change.epoch, change.clientId, change.atMs);
      case 'agent_left':
        return run(left, change.atMs, change.reason, callId, change.epoch);
      case 'timeline':
        return run(timeline, callId, change.seq, change.atMs, change.kind, change.fields);
      case 'annotation':
        return run(annotation, callId, change.seq, change.atMs, change.kind, change.data);
      case 'recording': {
        const { recording: state } = change;
        const reason = state.state === 'stopped' ? state.reason : null;
        return run(recording, state.state, reason, state.path, state.state === 'recording' ? 0 : state.bytes, callId);
      }
      case 'ended':
        return run(ended, change.atMs, change.reason, change.by, callId);
    }
  };
}
