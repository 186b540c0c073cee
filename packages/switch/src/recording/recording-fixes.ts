const notWritable = 'make the folder of the records writable';
const tooManyFiles = 'raise the limit on open files (ulimit -n)';

const fixes: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full: make room, or set a retention'],
  ['EDQUOT', 'the quota of the user is used up: make room, or set a retention'],
  ['EFBIG', 'a file may not grow further: raise the limit on the size of files (ulimit -f)'],
  ['ENOENT', 'the folder of the records is gone: put it back, or make it again'],
  ['ENOTDIR', 'the folder of the records is no folder: move away what is in its place'],
  ['EACCES', notWritable],
  ['EPERM', notWritable],
  ['EROFS', notWritable],
  ['EMFILE', tooManyFiles],
  ['ENFILE', tooManyFiles],
  ['EIO', 'see whether the disk is in order'],
]);

/** What to do about a recording that stopped with a code of the file system. */
export function recordingFix(code: string): string {
  return fixes.get(code) ?? 'see whether the folder of the records is in order';
}
