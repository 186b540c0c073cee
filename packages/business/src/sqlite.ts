import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, createSystemClock, sleep } from '@agentao/clock';
import { keepAlive } from './keep-alive.ts';

/** How a database is opened. */
export interface DatabaseOptions {
  /** Statements that make what is not there: `CREATE TABLE IF NOT EXISTS ...`. What is there has to be the same; other tables are left alone. */
  readonly schema: string;
  readonly clock?: Clock;
  /** How long a transaction waits for another process, from when it is asked for; 0 tries once. Default 2,000. */
  readonly waitMs?: number;
}

/** A SQLite file for the calls of one process. */
export interface Database extends Disposable {
  /**
   * Runs `work` in a transaction, after those before it; what it throws rolls back. `work` is synchronous, and `db` is its own until it returns. Waits for
   * a lock without holding up calls, and keeps the process alive meanwhile. Rejects with `DatabaseError`, or with what `work` threw.
   */
  transaction<T>(work: (db: DatabaseSync) => T): Promise<T>;
  /** Takes no more transactions; those asked for before it finish, then the file is closed. Idempotent. */
  close(): void;
}

/**
 * What a database cannot do: `ASYNC`, the work of a transaction returns a promise, and is rolled back; `BUSY`, another process holds it; `CLOSED`;
 * `SCHEMA`, the file has tables of another version; `FAILED`, disk full, no such file, one that was removed while it was open, and the like.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: 'ASYNC' | 'BUSY' | 'CLOSED' | 'FAILED' | 'SCHEMA';
  readonly retryable: boolean;

  constructor(code: DatabaseError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = code === 'BUSY';
  }
}

const retryAfterMs = 25;
const busy = 5;
const locked = 6;
const constraintUnique = 2_067;
const constraintPrimaryKey = 1_555;
const AsyncFunction = (async () => {}).constructor;

/** Opens, and makes, a database; `:memory:` is one of its own. Throws `DatabaseError`, and `TypeError` with the option that is wrong. */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  const { schema, clock = createSystemClock(globalThis), waitMs = 2_000 } = options;
  if (!Number.isFinite(waitMs) || waitMs < 0) throw new TypeError(`waitMs: milliseconds, 0 or more; not ${waitMs}`);
  const db = open(path, schema);
  const file = fileOf(path);
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const begin = async (endMs: number): Promise<void> => {
    for (;;) {
      try {
        db.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isLocked(error) || clock.now() >= endMs) throw asDatabaseError(error, `Cannot write to ${path}`);
      }
      await keepAlive(sleep(clock, Math.min(retryAfterMs, endMs - clock.now())));
    }
  };

  const run = async <T>(work: (db: DatabaseSync) => T, endMs: number): Promise<T> => {
    if (fileOf(path) !== file)
      throw new DatabaseError('FAILED', `Cannot write to ${path}: it was removed or replaced.`);
    await begin(endMs);
    try {
      const result = callOnce(work, db);
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.isOpen && db.isTransaction) db.exec('ROLLBACK');
      throw isSqliteError(error) && !isUniqueViolation(error)
        ? asDatabaseError(error, `Cannot write to ${path}`)
        : error;
    }
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    void last.then(() => {
      if (db.isOpen) db.close();
    });
  };

  return {
    transaction: (work) => {
      if (closed) return Promise.reject(new DatabaseError('CLOSED', `${path} is closed.`));
      const endMs = clock.now() + waitMs;
      const next = last.then(() => run(work, endMs));
      // Whoever asked for it is told.
      last = next.catch(() => {});
      return next;
    },
    close,
    [Symbol.dispose]: close,
  };
}

function open(path: string, schema: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    // Locks are waited for on the clock, not in SQLite, which would hold up every call of the process.
    db = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${schema}`);
    checkSchema(db, path, schema);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof DatabaseError) throw error;
    throw asDatabaseError(error, `Cannot open ${path}`);
  }
}

/** Rows of a table of another version would be refused one by one, in calls. */
function checkSchema(db: DatabaseSync, path: string, schema: string): void {
  using wanted = new DatabaseSync(':memory:');
  wanted.exec(schema);
  const there = new Map(objectsOf(db));
  const other = objectsOf(wanted).find(([name, sql]) => there.get(name) !== sql)?.[0];
  if (other === undefined) return;
  const what = `${path} was made by another version: its ${other} is not the one of this program.`;
  throw new DatabaseError('SCHEMA', `${what} Change it by hand to the same, or move the file away and start anew.`);
}

/** Tables, indexes and the like, each with what made it; a renamed table has quotes. */
function objectsOf(db: DatabaseSync): readonly (readonly [name: string, sql: string])[] {
  const rows = db.prepare('SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL').all();
  return rows.map(({ name, sql }) => [
    String(name),
    String(sql)
      .replace(/[\s"`]+/g, '')
      .toLowerCase(),
  ]);
}

/** Tells one file from another; `undefined` where there is none. */
function fileOf(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}

/** What `work` returns, which must be no promise: what it did after the commit would be in no transaction. */
function callOnce<T>(work: (db: DatabaseSync) => T, db: DatabaseSync): T {
  if (work instanceof AsyncFunction) throw isAsync();
  const { proxy, revoke } = Proxy.revocable(db, { get: memberOf });
  try {
    const result = work(proxy);
    if (!isPromise(result)) return result;
    result.then(undefined, () => {});
    throw isAsync();
  } finally {
    revoke();
  }
}

/** A method of a `DatabaseSync` knows no proxy. */
function memberOf(db: DatabaseSync, name: string | symbol): unknown {
  const member: unknown = Reflect.get(db, name, db);
  return typeof member === 'function' ? (member.bind(db) as unknown) : member;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function isAsync(): DatabaseError {
  return new DatabaseError('ASYNC', 'The work of a transaction returns a promise: await before it or after it.');
}

/** Whether a row was refused because there is one already. */
export function isUniqueViolation(error: unknown): boolean {
  return isSqliteError(error) && [constraintUnique, constraintPrimaryKey].includes(error.errcode);
}

function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

function isLocked(error: unknown): boolean {
  return isSqliteError(error) && [busy, locked].includes(error.errcode & 0xff);
}

function asDatabaseError(error: unknown, what: string): DatabaseError {
  const why = error instanceof Error ? error.message : String(error);
  return new DatabaseError(isLocked(error) ? 'BUSY' : 'FAILED', `${what}: ${why}.`, { cause: error });
}
