import { type DatabaseOptions, isUniqueViolation, openDatabase } from '@agentao/business/sqlite';

/** The slots of a practice, each sold once. */
export interface SlotStore extends Disposable {
  /** Opens slots for sale; those there are stay as they are. */
  offer(starts: readonly Date[]): Promise<void>;
  /** The next ones that nobody has. */
  free(after: Date, atMost: number): Promise<readonly Date[]>;
  /** `taken`: somebody else was first; `unknown`: there is no such slot. Of two at once one is `booked`. */
  book(start: Date, caller: string): Promise<'booked' | 'taken' | 'unknown'>;
  nameOf(number: string): Promise<string | undefined>;
  remember(number: string, name: string): Promise<void>;
  bookings(): Promise<readonly { readonly start: string; readonly caller: string }[]>;
}

const schema = `
CREATE TABLE IF NOT EXISTS person (number TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS slot (start TEXT PRIMARY KEY CHECK (start GLOB '????-??-??T??:??:00.000Z')) STRICT;
CREATE TABLE IF NOT EXISTS booking (start TEXT PRIMARY KEY REFERENCES slot (start), caller TEXT NOT NULL) STRICT`;

/** Opens the store of a file, or `:memory:`. */
export function openStore(path: string, options: Omit<DatabaseOptions, 'schema'> = {}): SlotStore {
  const db = openDatabase(path, { ...options, schema });
  return {
    offer: (starts) =>
      db.transaction((tx) => {
        for (const start of starts) tx.prepare('INSERT OR IGNORE INTO slot VALUES (?)').run(start.toISOString());
      }),
    free: (after, atMost) =>
      db.transaction((tx) => {
        const sql =
          'SELECT start FROM slot WHERE start > ? AND start NOT IN (SELECT start FROM booking) ORDER BY start LIMIT ?';
        return tx
          .prepare(sql)
          .all(after.toISOString(), atMost)
          .map(({ start }) => new Date(String(start)));
      }),
    book: async (start, caller) => {
      try {
        return await db.transaction((tx) => {
          const at = start.toISOString();
          if (tx.prepare('SELECT 1 FROM slot WHERE start = ?').get(at) === undefined) return 'unknown';
          tx.prepare('INSERT INTO booking VALUES (?, ?)').run(at, caller);
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
        return rows.map(({ start, caller }) => ({ start: String(start), caller: String(caller) }));
      }),
    [Symbol.dispose]: () => db.close(),
  };
}
