import { fstatSync, writeSync } from 'node:fs';
import type { WriteStream } from 'node:tty';

/** Standard output, of which it is known at the end whether all of it has arrived. */
export interface StandardOutput {
  readonly isTTY: boolean;
  /** Does not throw: a command that runs on is not ended by its output. */
  write(text: string): void;
  /** Resolves when all of it is written, with why some of it is not. A reader that has gone away (`agentao start | head`) is no reason. Never rejects. */
  finish(): Promise<Error | undefined>;
}

/** Takes over the stream of standard output, whose descriptor is `fd`. */
export function openStandardOutput(stream: WriteStream, fd = 1): StandardOutput {
  let lost: Error | undefined;
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') lost ??= error;
  };
  stream.on('error', onError);
  const isFile = fstatSync(fd, { bigint: true }).isFile();
  return {
    isTTY: stream.isTTY,
    write(text) {
      if (!isFile) return void stream.write(text);
      try {
        // The stream of a file takes a part that was written for the whole.
        const bytes = Buffer.from(text);
        for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      } catch (error) {
        onError(error as NodeJS.ErrnoException);
      }
    },
    finish: () => new Promise((resolve) => stream.write('', () => setImmediate(() => resolve(lost)))),
  };
}
