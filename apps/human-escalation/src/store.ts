import { type DatabaseOptions, openDatabase } from '@agentao/business/sqlite';

/** Why a call went to a person, and what became of it. */
export interface Escalation {
  readonly callId: string;
  readonly caller: string;
  readonly reason: string;
  readonly summary: string;
  /** `open`: nobody has come to the phone, and the call goes on. `abandoned`: it has ended so. One that stays open is of a program that was ended. */
  readonly outcome: 'open' | SettledOutcome;
}

/** How one came out. */
export type SettledOutcome = 'handed-off' | 'unanswered' | 'abandoned';

/** The escalations, one a call at most. */
export interface EscalationStore extends Disposable {
  /** Keeps why, as open; a later one of the same call replaces it. */
  save(escalation: Omit<Escalation, 'outcome'>): Promise<void>;
  /** Only an open one. */
  settle(callId: string, outcome: SettledOutcome): Promise<void>;
  all(): Promise<readonly Escalation[]>;
}

const schema = `CREATE TABLE IF NOT EXISTS escalation (
  callId TEXT PRIMARY KEY,
  caller TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason <> ''),
  summary TEXT NOT NULL CHECK (summary <> ''),
  outcome TEXT NOT NULL CHECK (outcome IN ('open', 'handed-off', 'unanswered', 'abandoned'))
) STRICT`;

/** Opens the store of a file, or `:memory:`. */
export function openStore(path: string, options: Omit<DatabaseOptions, 'schema'> = {}): EscalationStore {
  const db = openDatabase(path, { ...options, schema });
  return {
    save: ({ callId, caller, reason, summary }) =>
      db.transaction((tx) => {
        tx.prepare("INSERT OR REPLACE INTO escalation VALUES (?, ?, ?, ?, 'open')").run(
          callId,
          caller,
          reason,
          summary,
        );
      }),
    settle: (callId, outcome) =>
      db.transaction((tx) => {
        tx.prepare("UPDATE escalation SET outcome = ? WHERE callId = ? AND outcome = 'open'").run(outcome, callId);
      }),
    all: () =>
      db.transaction((tx) => tx.prepare('SELECT * FROM escalation ORDER BY callId').all() as unknown as Escalation[]),
    [Symbol.dispose]: () => db.close(),
  };
}
