/** SQLite's primary result codes for which there is something to do. */
const fixes: ReadonlyMap<number, string> = new Map([
  [5, 'another program holds a lock on calls.db: end it'],
  [8, 'make the folder of the records writable'],
  [10, 'see whether the disk is in order'],
  [11, 'calls.db is damaged: move it away and start the switch again, or mend it with the sqlite3 program (.recover)'],
  [13, 'the disk is full: make room, or set a retention'],
  [14, 'the folder of the records is gone or may not be read: put it back, or make it again'],
  [26, 'calls.db is no database: move it away and start the switch again'],
]);

/** What the file system says, as SQLite would; everything else is that the file cannot be opened. */
const codesOfSystem: ReadonlyMap<unknown, number> = new Map([
  ['EROFS', 8],
  ['EIO', 10],
  ['ENOSPC', 13],
  ['EDQUOT', 13],
  ['EISDIR', 26],
]);
const cannotOpen = 14;

/** SQLite's result code for what it threw, or the one that says the same as an error of the file system; 0 for everything else. */
export function storeErrorCode(error: unknown): number {
  const { errcode, syscall, code } = (error ?? {}) as Partial<NodeJS.ErrnoException> & { readonly errcode?: number };
  if (errcode !== undefined) return errcode;
  return syscall === undefined ? 0 : (codesOfSystem.get(code) ?? cannotOpen);
}

/** What to do about a database that fails with a result code of SQLite. */
export function storeFix(code: number): string {
  return fixes.get(code & 0xff) ?? 'see whether the folder of the records is in order';
}
