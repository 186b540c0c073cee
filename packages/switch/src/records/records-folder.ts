import { accessSync, constants, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { recordingsFolder } from '../recording/recording-path.ts';
import { RecordsError } from './records-error.ts';

const lockFile = 'switch.lock';

/** SQLite's result code where somebody else holds a lock. */
const busyCode = 5;

/**
 * Makes the folder of the records where it is missing, readable by its owner only, and sees whether it can be written. Throws {@link RecordsError}
 * that names the option: for a configuration check, too.
 */
export function checkRecordsFolder(folder: string): void {
  try {
    if (folder === '') throw new Error('it is empty');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const recordings = join(folder, recordingsFolder);
    mkdirSync(recordings, { recursive: true, mode: 0o700 });
    for (const place of [folder, recordings]) probe(place);
  } catch (error) {
    const message = `records.folder cannot be used: ${(error as Error).message}. Name a folder that the switch may write: ${folder}`;
    throw new RecordsError('FOLDER_UNUSABLE', message, { cause: error });
  }
}

function probe(folder: string): void {
  const file = join(folder, `.probe-${process.pid}-${Date.now()}`);
  writeFileSync(file, 'x', { flag: 'wx', mode: 0o600 });
  rmSync(file);
}

/**
 * Takes the folder for this process, until the result is closed or the process is gone, however it went: the lock is one of SQLite's on a file of its own.
 * Throws {@link RecordsError} (`IN_USE`) if another one has it.
 */
export function lockRecordsFolder(folder: string): DatabaseSync {
  const lock = new DatabaseSync(join(folder, lockFile));
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
