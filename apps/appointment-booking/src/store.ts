import { e164Check } from '@agentao/business/phone-numbers';
import { type DatabaseOptions, isUniqueViolation, openDatabase } from '@agentao/business/sqlite';

/** Who books: by their number in E.164, or only this call where it is withheld. */
export interface Booker {
  readonly callId: string;
  readonly caller: string | null;
}

/** The slots of a practice, each sold once. */
export interface SlotStore extends Disposable {
  /** Opens slots for sale; those there are stay as they are. */
  offer(starts: readonly Date[]): Promise<void>;
  /** Those that nobody has, the next one first. */
  free(after: Date): Promise<readonly Date[]>;
  /** `own`: it was theirs before; `taken`: somebody else was first; `unknown`: there is no such slot. Of two at once one is `booked`. */
  book(start: Date, by: Booker): Promise<'booked' | 'own' | 'taken' | 'unknown'>;
  nameOf(number: string): Promise<string | undefined>;
  remember(number: string, name: string): Promise<void>;
  bookings(): Promise<readonly { readonly start: string; readonly caller: string | null }[]>;
}

const schema = `
CREATE TABLE IF NOT EXISTS person (number TEXT PRIMARY KEY CHECK (${e164Check('number')}), name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS slot (start TEXT PRIMARY KEY CHECK (start GLOB '????-??-??T??:??:00.000Z')) STRICT;
CREATE TABLE IF NOT EXISTS booking (
  start TEXT PRIMARY KEY REFERENCES slot (start),
  caller TEXT CHECK (${e164Check('caller')}),
  callId TEXT NOT NULL
) STRICT`;

/** Opens the store of a file, or `:memory:`. */
export function openStore(path: string, options: Omit<DatabaseOptions, 'schema'> = {}): SlotStore {
  const db = openDatabase(path, { ...options, schema });
  return {
    offer: (starts) =>
      db.transaction((tx) => {
        for (const start of starts) tx.prepare('INSERT OR IGNORE INTO slot VALUES (?)').run(start.toISOString());
      }),
    free: (after) =>
      db.transaction((tx) => {
        const sql =
          'SELECT start FROM slot WHERE start > ? AND start NOT IN (SELECT start FROM booking) ORDER BY start';
        return tx
          .prepare(sql)
          .all(after.toISOString())
          .map(({ start }) => new Date(String(start)));
      }),
    book: async (start, { callId, caller }) => {
      try {
        return await db.transaction((tx) => {
          const at = start.toISOString();
          if (tx.prepare('SELECT 1 FROM slot WHERE start = ?').get(at) === undefined) return 'unknown';
          const own = tx.prepare('SELECT 1 FROM booking WHERE start = ? AND (caller = ? OR callId = ?)');
          if (own.get(at, caller, callId) !== undefined) return 'own';
          tx.prepare('INSERT INTO booking VALUES (?, ?, ?)').run(at, caller, callId);
          return 'booked';
        });
      } catch (error) {
        if (isUniqueViolation(error)) return 'taken';
        throw error;
      }
    },
    nameOf: (number) =>
      db.transaction(
        (tx) => tx.prepare('SELECT name FROM person WHERE number = ?').get(number)?.['name'] as string | undefined,
      ),
    remember: (number, name) =>
      db.transaction((tx) => {
        tx.prepare('INSERT OR REPLACE INTO person VALUES (?, ?)').run(number, name);
      }),
    bookings: () =>
      db.transaction((tx) => {
        const rows = tx.prepare('SELECT start, caller FROM booking ORDER BY start').all();
        return rows.map(({ start, caller }) => ({ start: String(start), caller: caller as string | null }));
      }),
    [Symbol.dispose]: () => db.close(),
  };
}
