import { e164Check } from '@agentao/business/phone-numbers';
import { type DatabaseOptions, openDatabase } from '@agentao/business/sqlite';

/** Something that somebody is to be told. */
export interface PendingNotification {
  readonly id: number;
  readonly text: string;
}

/** How one was answered. */
export type Answer = 'acknowledged' | 'follow-up';

/** The notifications of everybody, by number in E.164. */
export interface NotificationStore extends Disposable {
  add(number: string, text: string): Promise<void>;
  /** The oldest one that is pending, and how many are. */
  next(number: string): Promise<{ readonly notification: PendingNotification | undefined; readonly left: number }>;
  /** Only of that number, and only a pending one; says whether there was one. */
  settle(number: string, id: number, answer: { readonly answer: Answer; readonly wish?: string }): Promise<boolean>;
  states(number: string): Promise<readonly string[]>;
}

const schema = `CREATE TABLE IF NOT EXISTS notification (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL CHECK (${e164Check('number')}),
  text TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'acknowledged', 'follow-up')),
  wish TEXT CHECK (wish IS NULL OR state = 'follow-up')
) STRICT`;

/** Opens the store of a file, or `:memory:`. */
export function openStore(path: string, options: Omit<DatabaseOptions, 'schema'> = {}): NotificationStore {
  const db = openDatabase(path, { ...options, schema });
  return {
    add: (number, text) =>
      db.transaction((tx) => {
        tx.prepare('INSERT INTO notification (number, text) VALUES (?, ?)').run(number, text);
      }),
    next: (number) =>
      db.transaction((tx) => {
        const pending = tx.prepare(
          "SELECT id, text FROM notification WHERE number = ? AND state = 'pending' ORDER BY id",
        );
        const rows = pending.all(number) as unknown as PendingNotification[];
        return { notification: rows[0], left: rows.length };
      }),
    settle: (number, id, { answer, wish = null as unknown as string }) =>
      db.transaction((tx) => {
        const update = "UPDATE notification SET state = ?, wish = ? WHERE id = ? AND number = ? AND state = 'pending'";
        return tx.prepare(update).run(answer, wish, id, number).changes === 1;
      }),
    states: (number) =>
      db.transaction((tx) => {
        const rows = tx.prepare('SELECT state FROM notification WHERE number = ? ORDER BY id').all(number);
        return rows.map(({ state }) => String(state));
      }),
    [Symbol.dispose]: () => db.close(),
  };
}
