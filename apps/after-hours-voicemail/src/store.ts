import { type DatabaseOptions, openDatabase } from '@agentao/business/sqlite';

/** A message that somebody left. */
export interface Message {
  readonly callId: string;
  readonly caller: string;
  /** When it began, as Unix milliseconds. */
  readonly atMs: number;
  readonly durationMs: number;
  /** What was said, once it is known. */
  readonly transcript: string | null;
}

/** The messages, each with its sound. */
export interface MessageStore extends Disposable {
  save(message: Omit<Message, 'transcript'>, wav: Uint8Array): Promise<void>;
  transcribe(callId: string, transcript: string): Promise<void>;
  all(): Promise<readonly Message[]>;
  wav(callId: string): Promise<Uint8Array | undefined>;
}

const schema = `CREATE TABLE IF NOT EXISTS message (
  callId TEXT PRIMARY KEY,
  caller TEXT NOT NULL,
  atMs INTEGER NOT NULL,
  durationMs INTEGER NOT NULL CHECK (durationMs > 0),
  transcript TEXT CHECK (transcript <> ''),
  wav BLOB NOT NULL
) STRICT`;

/** Opens the store of a file, or `:memory:`. */
export function openStore(path: string, options: Omit<DatabaseOptions, 'schema'> = {}): MessageStore {
  const db = openDatabase(path, { ...options, schema });
  return {
    save: ({ callId, caller, atMs, durationMs }, wav) =>
      db.transaction((tx) => {
        tx.prepare('INSERT INTO message VALUES (?, ?, ?, ?, NULL, ?)').run(callId, caller, atMs, durationMs, wav);
      }),
    transcribe: (callId, transcript) =>
      db.transaction((tx) => {
        tx.prepare('UPDATE message SET transcript = ? WHERE callId = ?').run(transcript, callId);
      }),
    all: () =>
      db.transaction((tx) => {
        const rows = tx.prepare('SELECT callId, caller, atMs, durationMs, transcript FROM message ORDER BY atMs').all();
        return rows.map((row) => ({ ...row })) as unknown as Message[];
      }),
    wav: (callId) =>
      db.transaction(
        (tx) => tx.prepare('SELECT wav FROM message WHERE callId = ?').get(callId)?.['wav'] as Uint8Array | undefined,
      ),
    [Symbol.dispose]: () => db.close(),
  };
}
