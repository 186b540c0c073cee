import { type DatabaseOptions, openDatabase } from '@agentao/business/sqlite';

/** Something that the coach has noticed or said. */
export interface CoachingNote {
  readonly callId: string;
  readonly party: 'caller' | 'callee' | 'coach';
  readonly kind: 'sentiment' | 'topic' | 'advice';
  readonly text: string;
}

/** What was noticed, oldest first. */
export interface CoachingStore extends Disposable {
  add(...notes: readonly CoachingNote[]): Promise<void>;
  of(callId: string): Promise<readonly Omit<CoachingNote, 'callId'>[]>;
}

const schema = `CREATE TABLE IF NOT EXISTS note (
  id INTEGER PRIMARY KEY,
  callId TEXT NOT NULL,
  party TEXT NOT NULL CHECK (party IN ('caller', 'callee', 'coach')),
  kind TEXT NOT NULL CHECK (kind IN ('sentiment', 'topic', 'advice')),
  text TEXT NOT NULL CHECK (kind <> 'sentiment' OR text IN ('positive', 'neutral', 'negative')),
  CHECK ((kind = 'advice') = (party = 'coach'))
) STRICT`;

/** Opens the store of a file, or `:memory:`. */
export function openStore(path: string, options: Omit<DatabaseOptions, 'schema'> = {}): CoachingStore {
  const db = openDatabase(path, { ...options, schema });
  return {
    add: (...notes) =>
      db.transaction((tx) => {
        const insert = tx.prepare('INSERT INTO note (callId, party, kind, text) VALUES (?, ?, ?, ?)');
        for (const { callId, party, kind, text } of notes) insert.run(callId, party, kind, text);
      }),
    of: (callId) =>
      db.transaction((tx) => {
        const rows = tx.prepare('SELECT party, kind, text FROM note WHERE callId = ? ORDER BY id').all(callId);
        return rows.map((row) => ({ ...row })) as unknown as Omit<CoachingNote, 'callId'>[];
      }),
    [Symbol.dispose]: () => db.close(),
  };
}
