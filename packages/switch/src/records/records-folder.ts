import { accessSync, constants, existsSync, lstatSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { recordingsFolder } from '../recording/recording-path.ts';
import { makePrivate, makePrivateFile } from './private-file.ts';
import { databaseFile } from './record-database.ts';
import { RecordsError } from './records-error.ts';
import { storeErrorCode, storeFix } from './store-fixes.ts';

const lockFile = 'switch.lock';

/** SQLite's result code where somebody else holds a lock. */
const busyCode = 5;

/** SQLite's result code for a file that is no database. */
const notDatabaseCode = 26;

/**
 * Makes the folder of the records where it is missing, readable by its owner only, sees whether it can be written, and whether what it has for a database is one.
 * A folder that is there keeps its mode; what lies in it is closed to others. Throws {@link RecordsError} that names the option: for a configuration check, too.
 */
export function checkRecordsFolder(folder: string): void {
  try {
    if (folder === '') throw new FolderFault('it is empty', 'name a folder that the switch may write');
    makeFolder(resolve(folder));
    const recordings = join(folder, recordingsFolder);
    makeFolder(resolve(recordings));
    makePrivate(recordings);
    for (const place of [folder, recordings]) probe(place);
  } catch (error) {
    throw new RecordsError('FOLDER_UNUSABLE', `records.folder: ${faultText(error, folder)}`, { cause: error });
  }
  checkDatabase(folder);
}

/** What is wrong with a folder, and what to do. */
class FolderFault extends Error {
  readonly fix: string;

  constructor(reason: string, fix: string) {
    super(reason);
    this.fix = fix;
  }
}

function faultText(error: unknown, folder: string): string {
  const { message } = error as Error;
  if (error instanceof FolderFault) return `${message}; ${error.fix}`;
  return `${folder} cannot be used: ${message}; name a folder that the switch may write`;
}

/** Makes a folder and those above it, one by one: there are file systems on which making them at once never comes to an end. */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  let place = folder;
  let found = statSync(place, { throwIfNoEntry: false });
  while (found === undefined) {
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined)
      throw new FolderFault(`${place} is a link that leads nowhere`, 'make what it leads to, or name another folder');
    missing.unshift(place);
    place = dirname(place);
    found = statSync(place, { throwIfNoEntry: false });
  }
  if (!found.isDirectory()) throw new FolderFault(`${place} is no folder`, 'move it away, or name another folder');
  for (const each of missing) mkdirSync(each, { mode: 0o700 });
}

function probe(folder: string): void {
  const file = join(folder, `.probe-${process.pid}-${Date.now()}`);
  writeFileSync(file, 'x', { flag: 'wx', mode: 0o600 });
  rmSync(file);
}

/** Throws {@link RecordsError} for a file in the place of the database that is none. One that is in use is in order. */
function checkDatabase(folder: string): void {
  const file = join(folder, databaseFile);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined || (found.isFile() && found.size === 0)) return;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    const code = storeErrorCode(error);
    if ((code & 0xff) === busyCode) return;
    const fix = storeFix(found.isFile() ? code : notDatabaseCode);
    const message = `records.folder: the database in ${folder} cannot be opened: ${(error as Error).message}; ${fix}`;
    throw new RecordsError('DATABASE_UNUSABLE', message, { cause: error });
  } finally {
    database?.close();
  }
}

/**
 * Takes the folder for this process, until the result is closed or the process is gone, however it went: the lock is one of SQLite's on a file of its own.
 * Throws {@link RecordsError} (`IN_USE`) if another one has it.
 */
export function lockRecordsFolder(folder: string): DatabaseSync {
  const file = join(folder, lockFile);
  makePrivateFile(file);
  // Whoever asks whether the folder is taken holds the lock for a moment.
  const lock = new DatabaseSync(file, { timeout: 500 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if ((error as { readonly errcode?: number }).errcode !== busyCode) throw error;
    throw new RecordsError(
      'IN_USE',
      `records.folder: another switch keeps its records in ${folder}. Stop it, or name another folder`,
    );
  }
}

/** Whether a process has taken the folder; true where that cannot be told. */
export function isFolderTaken(folder: string): boolean {
  const file = join(folder, lockFile);
  if (!existsSync(file)) return false;
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file, { readOnly: true });
    lock.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch {
    return true;
  } finally {
    lock?.close();
  }
}

/** Throws {@link RecordsError} unless there are records to read. */
export function requireRecords(folder: string, database: string): void {
  try {
    if (!statSync(join(folder, database)).isFile()) throw new Error(`${database} is no file`);
    accessSync(join(folder, database), constants.R_OK);
  } catch (error) {
    throw new RecordsError('FOLDER_UNUSABLE', `There are no records in ${folder}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
