import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '@agentao/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandContext } from '../commands/command-context.ts';
import { createKey, listKeys, revokeKey } from '../commands/keys.ts';
import { createTerminal } from '../output/terminal.ts';
import { loadConfig } from './load-config.ts';

const text = `# the switch of the office
listen:
  port: 7350 # as everybody has it
connectors:
  # the front desk
  - uuid: front
    numbers: ['+15559999', '+1555*'] # two
  - uuid: back
    numbers: ['*']
`;

let cwd = '';
let out = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'agentao-keys-'));
  out = '';
  writeFileSync(join(cwd, 'agentao.yaml'), text, { mode: 0o640 });
});
afterEach(() => rmSync(cwd, { recursive: true }));

function context(): CommandContext {
  const streams = { out: { write: (line: string) => (out += line) }, err: { write: () => undefined } };
  const connect = (): Promise<never> => Promise.reject(new Error('no network in this test'));
  return { clock: createSystemClock(globalThis), connect, fetch, terminal: createTerminal(streams, {}), cwd };
}

const file = (): string => readFileSync(join(cwd, 'agentao.yaml'), 'utf8');

describe('agentao keys', () => {
  it('prints a key once, and puts its hash into the file, which keeps its comments, its mode and its other text', async () => {
    expect(await createKey(context(), { connector: 'front', name: 'night shift', operator: false })).toBe(0);
    const [, id = '', secret = ''] = /^ak_([0-9a-f]+)_([0-9a-f]+)\n$/.exec(out) ?? [];
    expect(secret).toHaveLength(64);
    const added = /    keys:\n      - id: .*\n        name: night shift\n        sha256: .*\n/;
    expect(file()).toMatch(added);
    expect(file().replace(added, '')).toBe(text);
    expect(file()).not.toContain(secret);
    expect(statSync(join(cwd, 'agentao.yaml')).mode & 0o777).toBe(0o640);
    expect(readdirSync(cwd)).toEqual(['agentao.yaml']);
    const loaded = await loadConfig(join(cwd, 'agentao.yaml'), { env: {}, cwd });
    expect(loaded).toMatchObject({
      ok: true,
      config: { connectors: [{ keys: [{ name: 'night shift' }] }, { keys: [] }] },
    });
    out = '';
    await listKeys(context(), { json: false });
    expect(out).toBe(`${id}  front  night shift\n`);
    await revokeKey(context(), { id });
    expect(file().replace('    keys: []\n', '')).toBe(text);
  });

  it('takes a key out of every connector that lists it', async () => {
    const key = `\n    keys: [{ id: shared, sha256: ${'a'.repeat(64)} }]`;
    writeFileSync(join(cwd, 'agentao.yaml'), text.replace(/(numbers: .*)/g, `$1${key}`));
    await revokeKey(context(), { id: 'shared' });
    expect(file()).not.toContain('shared');
    expect(out).toContain('2 connectors');
    await expect(revokeKey(context(), { id: 'shared' })).rejects.toThrow(/No connector has a key/);
  });

  it('makes the operator token, in place of the one before', async () => {
    await createKey(context(), { operator: true });
    const first = file();
    expect(out).toMatch(/^op_[0-9a-f]{64}\n$/);
    await createKey(context(), { operator: true });
    expect(file().match(/tokenSha256/g)).toHaveLength(1);
    expect(file()).not.toBe(first);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a connector that is not named among several',
      () => createKey(context(), { operator: false }),
      /Say --connector <uuid>: there are front, back/,
    ],
    [
      'a connector that is not there',
      () => createKey(context(), { connector: 'side', operator: false }),
      /There is no connector side/,
    ],
    [
      'a file with faults',
      () => (writeFileSync(join(cwd, 'agentao.yaml'), 'drainMs: no'), createKey(context(), { operator: true })),
      /drainMs/,
    ],
    [
      'a file that somebody else is changing',
      () => (writeFileSync(join(cwd, 'agentao.yaml.lock'), ''), createKey(context(), { operator: true })),
      /Another command is changing the file/,
    ],
  ])('refuses %s and leaves the file alone', async (_, run, message) => {
    const refused = run();
    const before = file();
    await expect(refused).rejects.toThrow(message);
    expect(file()).toBe(before);
    expect(out).toBe('');
  });

  it('follows a link to the file, and leaves the link', async () => {
    symlinkSync('agentao.yaml', join(cwd, 'link.yaml'));
    chmodSync(join(cwd, 'agentao.yaml'), 0o600);
    await createKey(context(), { config: 'link.yaml', connector: 'back', operator: false });
    expect(file()).toContain('sha256');
    expect(statSync(join(cwd, 'agentao.yaml')).mode & 0o777).toBe(0o600);
  });
});
