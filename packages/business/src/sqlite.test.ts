import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
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

  it('is not opened with tables of another version, and is with those that were made the same by hand', () => {
    openDatabase(path, { schema: `${schema}; CREATE TABLE IF NOT EXISTS more (id INTEGER)` }).close();
    openDatabase(path, { schema }).close();
    const newer = 'CREATE TABLE IF NOT EXISTS slot (at TEXT PRIMARY KEY, caller TEXT NOT NULL, wish TEXT) STRICT';
    expect(() => openDatabase(path, { schema: newer })).toThrow(
      expect.objectContaining({ code: 'SCHEMA', message: expect.stringContaining('its slot is not') as string }),
    );
    using byHand = new DatabaseSync(path);
    byHand.exec(
      'CREATE TABLE next (at TEXT PRIMARY KEY, caller TEXT NOT NULL,\n wish TEXT) STRICT; DROP TABLE slot; ALTER TABLE next RENAME TO slot',
    );
    openDatabase(path, { schema: newer }).close();
  });

  it.each(['removed', 'replaced'])('takes nothing into a file that was %s while it was open', async (how) => {
    using db = openDatabase(path, { schema });
    await db.transaction(insert('9:00', 'a'));
    await rm(path);
    if (how === 'replaced') await writeFile(path, '');
    const lost = db.transaction(insert('10:00', 'a'));
    await expect(lost).rejects.toMatchObject({ code: 'FAILED', message: expect.stringContaining(path) as string });
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

  it.each(['close', 'dispose'])('finishes at its %s what was asked for before, also behind a lock', async (how) => {
    const clock = createVirtualClock({ settle });
    const db = openDatabase(path, { schema, clock });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const outcomes = Promise.allSettled([db.transaction(insert('9:00', 'a')), db.transaction(insert('10:00', 'b'))]);
    if (how === 'close') db.close();
    else db[Symbol.dispose]();
    const late = db.transaction(count);
    await expect(late).rejects.toMatchObject({ code: 'CLOSED' });
    await clock.advance(100);
    other.exec('COMMIT');
    await clock.advance(100);
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(count(other)).toBe(2);
    other.close();
    expect(await readdir(folder)).toEqual(['slots.sqlite']);
  });

  it.each([
    [
      'an async function',
      async (tx: DatabaseSync) => {
        const statement = tx.prepare('INSERT INTO slot VALUES (?, ?)');
        statement.run('9:00', 'a');
        await settle();
        statement.run('10:00', 'a');
      },
    ],
    [
      'a function that returns a promise',
      (tx: DatabaseSync) => {
        insert('9:00', 'a')(tx);
        return settle().then(() => insert('10:00', 'a')(tx));
      },
    ],
  ])('refuses %s and keeps nothing of it, neither at once nor later', async (_, work) => {
    using db = openDatabase(path, { schema });
    await expect(db.transaction(work)).rejects.toMatchObject({
      name: 'DatabaseError',
      code: 'ASYNC',
      retryable: false,
    });
    await settle();
    await settle();
    expect(await db.transaction(count)).toBe(0);
  });

  it('gives each up waitMs after it was asked for, however many are before it', async () => {
    const clock = createVirtualClock({ settle });
    using db = openDatabase(path, { schema, clock, waitMs: 1_000 });
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const gaveUpAt: number[] = [];
    const ask = (): void => void db.transaction(count).catch(() => gaveUpAt.push(clock.now()));
    const startMs = clock.now();
    ask();
    ask();
    await clock.advance(510);
    ask();
    await clock.advance(3_000);
    expect(gaveUpAt.map((atMs) => atMs - startMs)).toEqual([1_000, 1_000, 1_510]);
    other.close();
  });

  it.each([Number.NaN, -1, Infinity, '5' as unknown as number])('refuses to wait %s ms', (waitMs) => {
    expect(() => openDatabase(path, { schema, waitMs })).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('waitMs: ') as string }),
    );
  });

  it('leaves no file open that it could not make sense of', async () => {
    const half = `${schema}; CREATE NONSENSE`;
    expect(() => openDatabase(path, { schema: half })).toThrow(DatabaseError);
    // SQLite takes its log away when the last handle is closed.
    expect(await readdir(folder)).toEqual(['slots.sqlite']);
  });

  it('keeps the process alive while a transaction waits', async () => {
    openDatabase(path, { schema }).close();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const child = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { openDatabase } from ${JSON.stringify(new URL('sqlite.ts', import.meta.url).href)};
       const db = openDatabase(${JSON.stringify(path)}, { schema: ${JSON.stringify(schema)}, waitMs: 150 });
       db.transaction(() => {}).catch((error) => console.log(error.code));
       db.close();`,
    ]);
    let said = '';
    child.stdout.on('data', (part: Buffer) => (said += part.toString()));
    await once(child, 'close');
    other.close();
    expect(said).toBe('BUSY\n');
  });
});
