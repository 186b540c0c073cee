import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { databaseFile, openRecordDatabase, type RecordDatabase } from './record-database.ts';
import { lockRecordsFolder } from './records-folder.ts';

/** The database of a folder that this process has taken. */
export interface HeldDatabase {
  /**
   * The database that is in the folder now: SQLite goes on writing to a file that was moved or deleted. Where that is another one than before, or none, the folder is taken
   * and opened again; the folder itself is never made. Throws what {@link openHeldDatabase} throws, and may be called again.
   */
  current(): RecordDatabase;
  close(): void;
}

interface Opened {
  readonly lock: DatabaseSync;
  readonly records: RecordDatabase;
  readonly identity: string;
}

/** Takes the folder and opens its database, in which calls without an end are interrupted. Throws what SQLite and the file system throw, and `RecordsError`. */
export function openHeldDatabase(folder: string): HeldDatabase {
  let opened: Opened | undefined = open(folder, true);
  const close = (): void => {
    opened?.records.close();
    opened?.lock.close();
    opened = undefined;
  };
  return {
    current() {
      if (opened !== undefined && opened.identity === identityOf(folder)) return opened.records;
      close();
      // Calls without an end may be those that this switch has now.
      opened = open(folder, false);
      return opened.records;
    },
    close,
  };
}

function open(folder: string, interrupt: boolean): Opened {
  const lock = lockRecordsFolder(folder);
  try {
    const records = openRecordDatabase(folder, { interrupt });
    return { lock, records, identity: identityOf(folder) };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Which file the database is; empty where there is none. */
function identityOf(folder: string): string {
  const found = statSync(join(folder, databaseFile), { bigint: true, throwIfNoEntry: false });
  return found === undefined ? '' : `${found.dev}:${found.ino}`;
}
