import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock } from '@agentao/clock';
import { expect, it, vi } from 'vitest';
import { watchFiles } from './watch-files.ts';

it('tells of a mounted file, whose folder has a link swapped and nothing of its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentao-watch-'));
  for (const version of ['..1', '..2']) {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'agentao.yaml'), version);
  }
  symlinkSync('..1', join(folder, '..data'));
  symlinkSync('..data/agentao.yaml', join(folder, 'agentao.yaml'));
  symlinkSync('..2', join(folder, '..data_tmp'));
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  let armed = 0;
  const counted = {
    now: () => clock.now(),
    wallTime: () => 0,
    setTimer: (atMs: number, run: () => void) => (armed++, clock.setTimer(atMs, run)),
  };
  let changes = 0;
  const watched = watchFiles([join(folder, 'agentao.yaml')], { clock: counted, onChange: () => changes++ });
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  await vi.waitFor(() => expect(armed).toBeGreaterThan(0), 5_000);
  await clock.advance(400);
  expect(changes).toBe(1);
  watched[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

it('tells of a file that is written or replaced, once when it has been quiet, and of no other', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'agentao-watch-'));
  const path = join(folder, 'agentao.yaml');
  writeFileSync(path, 'a');
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  let armed = 0;
  let changes = 0;
  const counted = {
    now: () => clock.now(),
    wallTime: () => 0,
    setTimer: (atMs: number, run: () => void) => (armed++, clock.setTimer(atMs, run)),
  };
  const watched = watchFiles([path], { clock: counted, onChange: () => changes++ });

  /** Waits until the system has told of a change. */
  const told = async (change: () => void): Promise<void> => {
    const before = armed;
    change();
    await vi.waitFor(() => expect(armed).toBeGreaterThan(before), 5_000);
  };
  await told(() => writeFileSync(path, 'b'));
  expect(changes, 'not before it is quiet').toBe(0);
  await clock.advance(400);
  expect(changes).toBe(1);
  writeFileSync(join(folder, 'other'), 'x');
  await told(() => {
    writeFileSync(join(folder, 'new'), 'c');
    renameSync(join(folder, 'new'), path);
  });
  await clock.advance(400);
  expect(changes).toBe(2);
  watched[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});
