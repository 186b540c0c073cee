import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '@agentao/clock';
import { CommanderError } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { createTerminal } from './output/terminal.ts';
import { createProgram } from './program.ts';

const cwd = await mkdtemp(join(tmpdir(), 'agentao-program-'));
afterAll(() => rm(cwd, { recursive: true }));

async function run(...args: string[]): Promise<{ error: unknown; out: string; err: string }> {
  let out = '';
  let err = '';
  const streams = { out: { write: (text: string) => (out += text) }, err: { write: (text: string) => (err += text) } };
  const connect = (): Promise<never> => Promise.reject(new Error('no network in this test'));
  const context = { clock: createSystemClock(globalThis), connect, fetch, terminal: createTerminal(streams, {}), cwd };
  const program = createProgram(context, () => {});
  const error = await program.parseAsync(args, { from: 'user' }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, out, err };
}

describe('what is wrong with the arguments is told in one line', () => {
  const wrong: readonly (readonly [args: string[], line: RegExp])[] = [
    [
      ['dev', '--port', '70000'],
      /^option '--port <port>' argument '70000' is invalid\. A port is a whole number from 0 to 65535\.\n$/,
    ],
    [['dev', '--number', 'bob'], /A phone number is digits/],
    [['call', '--keys', '1x'], /Keys are 0-9/],
    [['call', '--callee', 'sings'], /Allowed choices are answers, rejects, ignores\.\n$/],
    [['call', '--volume', '11'], /^unknown option '--volume'\n$/],
    [['ring'], /^unknown command 'ring'\n$/],
  ];
  it.each(wrong)('%j', async (args, line) => {
    const { error, out, err } = await run(...args);
    expect(error).toBeInstanceOf(CommanderError);
    expect(out).toBe('');
    expect(err).toMatch(line);
    expect(err.split('\n')).toHaveLength(2);
  });
});

it('lists its commands when asked for help', async () => {
  const { error, out, err } = await run('--help');
  expect(error).toMatchObject({ exitCode: 0 });
  expect(out).toMatch(/dev .*\n.*call .*\n.*console .*\n.*start /s);
  expect(err).toBe('');
});

it.each(['call', 'console'])('says where no switch runs: %s', async (command) => {
  const { error } = await run(command);
  expect(error).toMatchObject({
    name: 'CommandError',
    message: expect.stringMatching(/^No switch runs here/) as string,
  });
});

it('looks at the recording before it looks for a switch', async () => {
  const { error } = await run('call', '--wav', 'nobody.wav');
  expect(error).toMatchObject({ message: 'Cannot read nobody.wav: there is no such file.' });
});

it('starts the quickstart only where it is', async () => {
  const { error } = await run('start');
  expect(error).toMatchObject({ message: expect.stringContaining('agentao dev <agent-file>') as string });
});
