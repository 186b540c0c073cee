import { basename } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { engineOrReason } from './engine.ts';

const said: unknown[] = [];
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation((line) => said.push(line));
});
afterEach(() => {
  said.length = 0;
  vi.restoreAllMocks();
});

const env = { PATH: process.env['PATH'] };
const missing = 'no such thing: install it';

it('finds a program by its path or on the path, the first that passes the probe', () => {
  const none = '/nowhere/at/all';
  expect(engineOrReason({ missing, candidates: [none, process.execPath], probe: ['--version'], env })).toEqual({
    path: process.execPath,
  });
  const { path } = engineOrReason({ missing, candidates: ['no-such-program', 'node'], probe: ['--version'], env });
  expect(basename(path ?? '')).toBe('node');
  expect(said).toEqual([]);
});

it('prints why the tests are skipped where there is none, or none that will do', () => {
  const candidates = ['no-such-program', process.execPath];
  const engine = engineOrReason({ missing, candidates, probe: ['-e', 'process.exit(1)'], env });
  expect(engine).toEqual({ path: undefined, missing });
  expect(said).toEqual([`Skipped: ${missing}`]);
});

it('throws in continuous integration', () => {
  const search = { missing, candidates: [], probe: [], env: { ...env, CI: '1' } };
  expect(() => engineOrReason(search)).toThrow(missing);
});
