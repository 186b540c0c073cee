import type { DatabaseSync } from 'node:sqlite';
import { RecordsError } from './records-error.ts';

/**
 * What brings a database from each version to the next; a released entry never changes. Times are milliseconds since the call's arrival but
 * `started_at_ms`, which is Unix time.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE calls (
    call_id TEXT NOT NULL PRIMARY KEY CHECK (length(call_id) BETWEEN 1 AND 128),
    connector_uuid TEXT NOT NULL CHECK (length(connector_uuid) BETWEEN 1 AND 128),
    direction TEXT NOT NULL CHECK (direction IN ('MT', 'MO')),
    caller_number TEXT NOT NULL,
    callee_number TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL CHECK (started_at_ms >= 0),
    answered_ms INTEGER CHECK (answered_ms >= 0),
    connected_ms INTEGER CHECK (connected_ms >= 0),
    ended_ms INTEGER CHECK (ended_ms >= 0),
    end_reason TEXT CHECK (end_reason IN ('hangup', 'disconnected', 'left', 'declined', 'unanswered', 'rejected', 'timeout', 'taken_over',
      'media_lost', 'shutdown', 'failed', 'interrupted')),
    ended_by TEXT CHECK (ended_by IN ('caller', 'callee', 'agent', 'switch')),
    recording TEXT NOT NULL DEFAULT 'off' CHECK (recording IN ('off', 'recording', 'complete', 'stopped', 'interrupted')),
    recording_reason TEXT CHECK (recording_reason IN ('disk_full', 'unwritable', 'failed')),
    recording_path TEXT CHECK (recording_path GLOB 'recordings/????-??-??/*' AND recording_path NOT GLOB '*..*'),
    recording_bytes INTEGER NOT NULL DEFAULT 0 CHECK (recording_bytes >= 0),
    CHECK ((ended_ms IS NULL) = (end_reason IS NULL) AND (ended_ms IS NULL) = (ended_by IS NULL)),
    CHECK ((recording = 'off') = (recording_path IS NULL)),
    CHECK ((recording = 'stopped') = (recording_reason IS NOT NULL))
  ) STRICT;
  CREATE INDEX calls_by_time ON calls (started_at_ms);
  CREATE INDEX calls_by_connector ON calls (connector_uuid, started_at_ms);
  CREATE INDEX calls_open ON calls (call_id) WHERE ended_ms IS NULL;
  CREATE TRIGGER calls_end_once BEFORE UPDATE OF ended_ms, end_reason, ended_by ON calls WHEN OLD.ended_ms IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'the call has ended already'); END;

  CREATE TABLE agents (
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL CHECK (epoch >= 1),
    client_id TEXT NOT NULL,
    joined_ms INTEGER NOT NULL CHECK (joined_ms >= 0),
    left_ms INTEGER CHECK (left_ms >= joined_ms),
    left_reason TEXT,
    CHECK ((left_ms IS NULL) = (left_reason IS NULL)),
    PRIMARY KEY (call_id, epoch)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE timeline (
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
    kind TEXT NOT NULL CHECK (kind <> ''),
    fields TEXT NOT NULL CHECK (json_type(fields) = 'object' AND json_type(fields, '$.digit') IS NULL AND json_type(fields, '$.digits') IS NULL),
    PRIMARY KEY (call_id, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE annotations (
    call_id TEXT NOT NULL REFERENCES calls (call_id) ON DELETE CASCADE,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    at_ms INTEGER NOT NULL CHECK (at_ms >= 0),
    kind TEXT NOT NULL CHECK (kind <> ''),
    data TEXT NOT NULL CHECK (json_valid(data)),
    PRIMARY KEY (call_id, seq)
  ) STRICT, WITHOUT ROWID;
  `,
];

/** Brings a database to the newest version, all of it or nothing. Throws {@link RecordsError} for one that is newer than this code. */
export function migrate(database: DatabaseSync): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  requireKnownVersion(version);
  if (version === migrations.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    for (const migration of migrations.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** Throws {@link RecordsError} for a version that this code does not know. */
export function requireKnownVersion(version: number): void {
  if (version <= migrations.length) return;
  const what = `the records are of version ${version}, and this @agentao/switch knows ${migrations.length}`;
  throw new RecordsError('DATABASE_UNUSABLE', `${what}: run the newer one again, or choose another folder`);
}
