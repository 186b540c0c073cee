import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@agentao/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatabaseError, isUniqueViolation, openDatabase } from './sqlite.ts';

const schema = 'CREATE TABLE IF NOT EXISTS slot (at TEXT PRIMARY KEY, caller TEXT NOT NULL) STRICT';
/** Everything that is ready runs. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-sqlite-'));
  path = join(folder, 'slots.sqlite');
});
afterEach(() => rm(folder, { recursive: true }));

function insert(at: string, caller: string): (db: DatabaseSync) => void {
  return (db) => void db.prepare('INSERT INTO slot VALUES (?, ?)').run(at, caller);
}

function count(db: DatabaseSync): unknown {
  return db.prepare('SELECT count(*) AS n FROM slot').get()?.['n'];
}

describe('a database', () => {
  it('keeps what a transaction wrote, and nothing of one that threw', async () => {
    using db = openDatabase(path, { schema });
    await db.transaction(insert('9:00', 'a'));
    const failing = db.transaction((tx) => {
      insert('10:00', 'a')(tx);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    db.close();
    using again = openDatabase(path, { schema });
    expect(await again.transaction(count)).toBe(1);
  });

  it('tells a row that is there already from other faults', async () => {
    using db = openDatabase(path, { schema });
    await db.transaction(insert('9:00', 'a'));
    const twice = await db.transaction(insert('9:00', 'b')).catch((error: unknown) => error);
    expect(isUniqueViolation(twice)).toBe(true);
    const empty = await db
      .transaction((tx) => tx.exec('INSERT INTO slot VALUES (1, NULL)'))
      .catch((error: unknown) => error);
    expect(empty).toMatchObject({ name: 'DatabaseError', code: 'FAILED', retryable: false });
    expect(isUniqueViolation(empty)).toBe(false);
    expect(isUniqueViolation(new Error('UNIQUE'))).toBe(false);
  });

  it('waits for another process without holding up this one, then gives up', async () => {
    const clock = createVirtualClock({ settle });
    using db = openDatabase(path, { schema, clock, waitMs: 1_000 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const patient = db.transaction(insert('9:00', 'a'));
    const second = db.transaction(insert('10:00', 'b'));
    await clock.advance(500);
    other.exec('COMMIT');
    await clock.advance(100);
    await patient;
    await second;
    other.exec('BEGIN IMMEDIATE');
    const impatient = db.transaction(insert('11:00', 'c')).catch((error: unknown) => error);
    await clock.advance(1_100);
    expect(await impatient).toMatchObject({ code: 'BUSY', retryable: true });
    other.exec('ROLLBACK');
    expect(await db.transaction(count)).toBe(2);
    other.close();
  });

  it('has one winner where two write the same', async () => {
    using one = openDatabase(path, { schema });
    using two = openDatabase(path, { schema });
    const outcomes = await Promise.allSettled([
      one.transaction(insert('9:00', 'a')),
      two.transaction(insert('9:00', 'b')),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('says what is wrong when it cannot be opened, or is closed', async () => {
    expect(() => openDatabase(join(folder, 'no', 'such'), { schema })).toThrow(DatabaseError);
    expect(() => openDatabase(path, { schema: 'CREATE NONSENSE' })).toThrow(
      expect.objectContaining({ code: 'FAILED' }),
    );
    const db = openDatabase(path, { schema });
    db.close();
    db.close();
    await expect(db.transaction(count)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
