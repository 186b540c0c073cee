import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeWav } from '@agentao/audio';
import { CommandError, firstLine } from '../command-error.ts';
import type { Recording } from '../measure/recording.ts';

/** The recordings of one call by name: `caller-ear`, `callee-ear`, `caller-mouth`, `callee-mouth`. */
export type CallRecordings = ReadonlyMap<string, Recording>;

const reasons: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EEXIST', 'there is a file of that name'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'a part of the path is a file'],
  ['EROFS', 'the disk is read-only'],
]);

/** Writes each recording into `folder`, which is made if need be, as a WAV of its name. Resolves with the error that kept it from that, if any. */
export async function writeRecordings(folder: string, recordings: CallRecordings): Promise<CommandError | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, { sampleRateHz, all }] of recordings) {
      await writeFile(join(folder, `${name}.wav`), encodeWav(all(), { sampleRateHz }));
    }
    return undefined;
  } catch (error) {
    return new CommandError(`Cannot write the recordings to ${folder}: ${explain(error)}.`, { cause: error });
  }
}

function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return reasons.get(code) ?? firstLine(error);
}
