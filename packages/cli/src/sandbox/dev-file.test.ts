import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readDevFile, writeDevFile } from './dev-file.ts';

const entry = { url: 'ws://127.0.0.1:7350', operatorToken: 'op_x', number: '+15559999', pid: process.pid };
const gonePid = 2 ** 22 + 1;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-dev-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('is found by a command in the same folder, readable by its owner only, and removed at the end', async () => {
  const { remove } = await writeDevFile(folder, entry);
  expect(await readDevFile(folder)).toEqual(entry);
  expect((await stat(join(folder, '.agentao', 'dev.json'))).mode & 0o777).toBe(0o600);
  await remove();
  await expect(readDevFile(folder)).rejects.toThrow(/^No switch runs here\. Start one .*agentao dev/);
});

it('leaves the file of a switch that came later', async () => {
  const { remove } = await writeDevFile(folder, { ...entry, pid: gonePid });
  await writeDevFile(folder, entry);
  await remove();
  expect(await readDevFile(folder)).toEqual(entry);
});

it('leaves the file of another switch that runs, and tells whose it is', async () => {
  const other = { ...entry, pid: process.ppid };
  await writeDevFile(folder, other);
  const { otherPid, remove } = await writeDevFile(folder, entry);
  expect(otherPid).toBe(process.ppid);
  await remove();
  expect(await readDevFile(folder)).toEqual(other);
});

it('tells a switch that is gone from one that never was', async () => {
  await writeDevFile(folder, { ...entry, pid: gonePid });
  await expect(readDevFile(folder)).rejects.toThrow(/^The switch of this folder has stopped\./);
});

it('takes a file that it did not write for none', async () => {
  await writeDevFile(folder, entry);
  const path = join(folder, '.agentao', 'dev.json');
  for (const text of ['', 'null', '{"url":1}', (await readFile(path, 'utf8')).replace(/"pid": \d+/, '"pid": -1')]) {
    await writeFile(path, text);
    await expect(readDevFile(folder)).rejects.toThrow(/^No switch runs here/);
  }
});
