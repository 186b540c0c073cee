import { chmodSync, closeSync, openSync, statSync } from 'node:fs';

const forOthers = 0o077;

/** Makes a file, empty, that only its owner may read; one that is there becomes so. Throws what the file system throws. */
export function makePrivateFile(file: string): void {
  try {
    // Never one that is there: to close it would give up every lock that this process has on it.
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  makePrivate(file);
}

/** Lets only its owner into a file or folder, if it is there and lets others in. Throws what the file system throws. */
export function makePrivate(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && (found.mode & forOthers) !== 0) chmodSync(path, found.isDirectory() ? 0o700 : 0o600);
}
