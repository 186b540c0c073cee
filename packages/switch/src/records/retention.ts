import { rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** How long and how much is kept. What is left out is unlimited. */
export interface RetentionLimits {
  /** Calls that ended longer ago are deleted. */
  readonly maxAgeMs?: number;
  /** While recordings and records take more than this, the oldest calls are deleted. */
  readonly maxBytes?: number;
}

/** How long and how much is kept, of all connectors together and of each. */
export interface Retention extends RetentionLimits {
  /** By uuid: `maxAgeMs` in place of the general one; `maxBytes` of the connector's recordings alone, beside the general one. */
  readonly connectors?: Readonly<Record<string, RetentionLimits>>;
}

/** What a sweep did. */
export interface Swept {
  readonly calls: number;
  /** Of recordings. */
  readonly bytes: number;
  /** The bound of one sweep was reached: there is more to delete. */
  readonly more: boolean;
  /** Why a recording could not be deleted, if so; its call is still there, too. */
  readonly problem?: string;
}

/** What a sweep is told. */
export interface SweepOptions {
  readonly folder: string;
  readonly retention: Retention;
  /** Wall time, Unix ms. */
  readonly nowMs: number;
  /** For tests. */
  readonly removeFolder?: (folder: string) => void;
}

/** Calls deleted by one sweep, so that writing does not wait for long. */
const callsPerSweep = 200;

// A call whose recording is not told to be over yet is live as far as files are concerned.
const over = `ended_ms IS NOT NULL AND recording <> 'recording'`;

/**
 * Deletes what is too old or too much, the oldest first, each call's recording together with all its rows. Live calls are never touched. `folder` is
 * that of the records.
 */
export function sweepRecords(database: DatabaseSync, options: SweepOptions): Swept {
  const { folder, retention, nowMs, removeFolder = removeWhole } = options;
  let calls = 0;
  let bytes = 0;
  const problems = new Map<string, string>();

  const remove = (doomed: DoomedCall): boolean => {
    const { call_id: callId, recording_path: path, recording_bytes: size } = doomed;
    try {
      if (path !== null) removeFolder(join(folder, path));
    } catch (error) {
      problems.set(callId, (error as Error).message);
      return false;
    }
    database.prepare('DELETE FROM calls WHERE call_id = ?').run(callId);
    if (path !== null) removeEmptyDay(join(folder, dirname(path)), nowMs);
    calls++;
    bytes += size;
    return true;
  };

  const removeOldest = (condition: string, values: readonly (string | number)[], isTooMuch: () => boolean): void => {
    const query = database.prepare(
      `SELECT call_id, recording_path, recording_bytes FROM calls WHERE ${over} AND ${condition} ORDER BY started_at_ms, call_id LIMIT ?`,
    );
    for (const doomed of query.all(...values, callsPerSweep) as unknown as DoomedCall[]) {
      if (calls >= callsPerSweep || !isTooMuch()) return;
      remove(doomed);
    }
  };

  const { maxAgeMs, maxBytes, connectors = {} } = retention;
  const own = Object.entries(connectors);
  const always = (): boolean => true;
  for (const [uuid, limits] of own) {
    if (limits.maxAgeMs !== undefined) {
      removeOldest('connector_uuid = ? AND started_at_ms + ended_ms < ?', [uuid, nowMs - limits.maxAgeMs], always);
    }
  }
  if (maxAgeMs !== undefined) {
    const others = own.filter(([, limits]) => limits.maxAgeMs !== undefined).map(([uuid]) => uuid);
    const condition = `started_at_ms + ended_ms < ? AND connector_uuid NOT IN (${others.map(() => '?').join(', ')})`;
    removeOldest(condition, [nowMs - maxAgeMs, ...others], always);
  }
  for (const [uuid, limits] of own) {
    const most = limits.maxBytes;
    if (most !== undefined) removeOldest('connector_uuid = ?', [uuid], () => recordedBytes(database, uuid) > most);
  }
  if (maxBytes !== undefined)
    removeOldest('true', [], () => recordedBytes(database) + databaseBytes(database) > maxBytes);

  const problem = [...problems.values()][0];
  return { calls, bytes, more: calls >= callsPerSweep, ...(problem === undefined ? {} : { problem }) };
}

function removeWhole(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Removes the folder of a day, if it is empty and so long ago that no call will want it any more. */
function removeEmptyDay(folder: string, nowMs: number): void {
  if (Date.parse(basename(folder)) > nowMs - 3 * 86_400_000) return;
  try {
    rmdirSync(folder);
  } catch {
    // There is more in it.
  }
}

interface DoomedCall {
  readonly call_id: string;
  readonly recording_path: string | null;
  readonly recording_bytes: number;
}

function recordedBytes(database: DatabaseSync, uuid?: string): number {
  const [condition, values] = uuid === undefined ? ['true', []] : ['connector_uuid = ?', [uuid]];
  const row = database
    .prepare(`SELECT coalesce(sum(recording_bytes), 0) AS bytes FROM calls WHERE ${condition}`)
    .get(...values);
  return Number(row?.['bytes']);
}

/** Bytes of the database that are in use; freed pages are written again. */
function databaseBytes(database: DatabaseSync): number {
  const pragma = (name: string): number => Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}
