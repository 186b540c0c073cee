import { e164Check } from '@agentao/business/phone-numbers';
import { type DatabaseOptions, openDatabase } from '@agentao/business/sqlite';

/** Somebody who has called before, and what is open for them. */
export interface Customer {
  readonly name: string;
  /** Titles, oldest first. */
  readonly openTickets: readonly string[];
}

/** Customers, their tickets, and those who are none yet. */
export interface CustomerStore extends Disposable {
  /** By number in E.164. */
  find(number: string): Promise<Customer | undefined>;
  /** Keeps that somebody called who is not known, once a number; says whether that is new. */
  addLead(number: string): Promise<boolean>;
  /** A customer, in place of the one with that number, and no lead any more. */
  addCustomer(number: string, customer: Customer): Promise<void>;
  closeTicket(number: string, title: string): Promise<void>;
  leads(): Promise<readonly string[]>;
}

const schema = `
CREATE TABLE IF NOT EXISTS customer (number TEXT PRIMARY KEY CHECK (${e164Check('number')}), name TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ticket (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL REFERENCES customer (number),
  title TEXT NOT NULL,
  open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1))
) STRICT;
CREATE TABLE IF NOT EXISTS lead (number TEXT PRIMARY KEY CHECK (${e164Check('number')})) STRICT`;

/** Opens the store of a file, or `:memory:`. */
export function openStore(path: string, options: Omit<DatabaseOptions, 'schema'> = {}): CustomerStore {
  const db = openDatabase(path, { ...options, schema });
  return {
    find: (number) =>
      db.transaction((tx) => {
        const name = tx.prepare('SELECT name FROM customer WHERE number = ?').get(number)?.['name'];
        if (typeof name !== 'string') return undefined;
        const rows = tx.prepare('SELECT title FROM ticket WHERE number = ? AND open = 1 ORDER BY id').all(number);
        return { name, openTickets: rows.map(({ title }) => String(title)) };
      }),
    addLead: (number) =>
      db.transaction(
        (tx) => tx.prepare('INSERT INTO lead VALUES (?) ON CONFLICT DO NOTHING').run(number).changes === 1,
      ),
    addCustomer: (number, { name, openTickets }) =>
      db.transaction((tx) => {
        for (const table of ['ticket', 'customer', 'lead'])
          tx.prepare(`DELETE FROM ${table} WHERE number = ?`).run(number);
        tx.prepare('INSERT INTO customer VALUES (?, ?)').run(number, name);
        for (const title of openTickets)
          tx.prepare('INSERT INTO ticket (number, title) VALUES (?, ?)').run(number, title);
      }),
    closeTicket: (number, title) =>
      db.transaction((tx) => {
        tx.prepare('UPDATE ticket SET open = 0 WHERE number = ? AND title = ?').run(number, title);
      }),
    leads: () =>
      db.transaction((tx) =>
        tx
          .prepare('SELECT number FROM lead ORDER BY number')
          .all()
          .map(({ number }) => String(number)),
      ),
    [Symbol.dispose]: () => db.close(),
  };
}
