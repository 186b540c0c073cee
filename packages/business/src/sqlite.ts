import { DatabaseSync } from 'node:sqlite';
import { type Clock, createSystemClock, sleep } from '@agentao/clock';

/** How a database is opened. */
export interface DatabaseOptions {
  /** Statements that make what is not there: `CREATE TABLE IF NOT EXISTS ...`. */
  readonly schema: string;
  readonly clock?: Clock;
  /** How long a transaction waits for another process. Default 2,000. */
  readonly waitMs?: number;
}

/** A SQLite file for the calls of one process. */
export interface Database extends Disposable {
  /**
   * Runs `work` in a transaction, after those before it; what it throws rolls back. Waits for a lock without holding up calls. Rejects with `DatabaseError`,
   * or with what `work` threw.
   */
  transaction<T>(work: (db: DatabaseSync) => T): Promise<T>;
  /** After the transactions that are under way; idempotent. */
  close(): void;
}

/** What a database cannot do: `BUSY`, another process holds it; `CLOSED`; `FAILED`, disk full, no such file and the like. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: 'BUSY' | 'CLOSED' | 'FAILED';
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

/** Opens, and makes, a database; `:memory:` is one of its own. Throws `DatabaseError`. */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  const { schema, clock = createSystemClock(globalThis), waitMs = 2_000 } = options;
  let db: DatabaseSync;
  try {
    // Locks are waited for here, not in SQLite, which would hold up every call of the process.
    db = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true });
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${schema}`);
  } catch (error) {
    throw asDatabaseError(error, `Cannot open ${path}`);
  }
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const begin = async (): Promise<void> => {
    const endMs = clock.now() + waitMs;
    for (;;) {
      if (closed) throw new DatabaseError('CLOSED', `${path} is closed.`);
      try {
        db.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isLocked(error) || clock.now() >= endMs) throw asDatabaseError(error, `Cannot write to ${path}`);
      }
      await sleep(clock, retryAfterMs);
    }
  };

  const run = async <T>(work: (db: DatabaseSync) => T): Promise<T> => {
    await begin();
    try {
      const result = work(db);
      db.exec('COMMIT');
      return result;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw isSqliteError(error) && !isUniqueViolation(error)
        ? asDatabaseError(error, `Cannot write to ${path}`)
        : error;
    }
  };

  const close = (): void => {
    if (closed) return;
    closed = true;
    last.then(
      () => db.close(),
      () => db.close(),
    );
  };

  return {
    transaction: (work) => {
      const next = last.then(
        () => run(work),
        () => run(work),
      );
      last = next;
      // Whoever asked for it is told.
      next.catch(() => {});
      return next;
    },
    close,
    [Symbol.dispose]: close,
  };
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
