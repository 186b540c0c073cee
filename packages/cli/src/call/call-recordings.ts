import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeWav } from '@agentao/audio';
import type { Recording } from '../measure/recording.ts';

/** The recordings of one call by name: `caller-ear`, `callee-ear`, `caller-mouth`, `callee-mouth`. */
export type CallRecordings = ReadonlyMap<string, Recording>;

/** Writes each recording into `folder`, which is made if need be, as a WAV of its name. */
export async function writeRecordings(folder: string, recordings: CallRecordings): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, recording] of recordings) {
    await writeFile(join(folder, `${name}.wav`), encodeWav(recording.all(), { sampleRateHz: recording.sampleRateHz }));
  }
}
