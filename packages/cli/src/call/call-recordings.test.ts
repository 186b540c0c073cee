import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeWav } from '@agentao/audio';
import { afterAll, expect, it } from 'vitest';
import { createRecording } from '../measure/recording.ts';
import { writeRecordings } from './call-recordings.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentao-recordings-'));
afterAll(() => rm(folder, { recursive: true }));
const ear = createRecording({ sampleRateHz: 8_000 });
ear.write(new Int16Array(160).fill(7), 0, 0);
const recordings = new Map([['caller-ear', ear]]);

it('makes the folder and writes each recording under its name', async () => {
  expect(await writeRecordings(join(folder, 'a', 'b'), recordings)).toBeUndefined();
  const { samples } = decodeWav(await readFile(join(folder, 'a', 'b', 'caller-ear.wav')));
  expect(samples).toEqual(new Int16Array(160).fill(7));
});

it('tells in one line which folder could not be written, and why', async () => {
  const file = join(folder, 'taken');
  await writeFile(file, '');
  const message = (await writeRecordings(file, recordings))?.message;
  expect(message).toBe(`Cannot write the recordings to ${file}: there is a file of that name.`);
});
