import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { createSystemClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { createTerminal } from '../output/terminal.ts';
import type { CommandContext } from './command-context.ts';
import { serveForClient } from './conformance-client.ts';

const clock = createSystemClock(globalThis);

/** Runs the command, and does something with each line that it prints. */
async function serve(
  options: Partial<Parameters<typeof serveForClient>[1]>,
  onLine: (line: string) => void = () => undefined,
): Promise<{ readonly exitCode: number; readonly out: string }> {
  let out = '';
  const write = (text: string): void => {
    out += text;
    onLine(text);
  };
  const connect = (): Promise<never> => Promise.reject(new Error('no socket in this test'));
  const terminal = createTerminal({ out: { write }, err: { write } }, {});
  const context: CommandContext = { clock, connect, fetch, terminal, cwd: import.meta.dirname };
  const exitCode = await serveForClient(context, {
    port: 0,
    without: [],
    only: ['shows its key'],
    json: false,
    ...options,
  });
  return { exitCode, out };
}

it('prints the environment for a client that somebody starts, tries it, and prints what the report says', async () => {
  const env: Record<string, string> = {};
  let client: AgenTaoClient | undefined;
  const { exitCode, out } = await serve({ json: true }, (line) => {
    const [, name = '', value = ''] = /^export (\w+)=(\S+)/.exec(line) ?? [];
    if (name !== '') env[name] = value;
    if (name !== 'AGENTAO_BASE_URL') return;
    client = new AgenTaoClient(AgenTaoClientConfig.fromEnv(env));
    client.on(events.INCOMING_CALL, () => undefined);
    client.connect().catch(() => undefined);
  });
  await client?.disconnect();
  expect(out).toMatch(/^ok {6}H-01 /m);
  expect(JSON.parse(out.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ name: 'conformance-client', pass: true });
  expect(exitCode).toBe(0);
});

it('starts the client itself, as often as it takes, and shows what it complains of', async () => {
  const script = [
    "import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';",
    'const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());',
    'client.on(events.INCOMING_CALL, () => undefined);',
    "console.error('here I am');",
    'await client.runForever();',
  ].join(' ');
  const exec = `"${process.execPath}" --input-type=module --eval "${script}"`;
  const { exitCode, out } = await serve({ exec, only: ['takes a close whose retry is no as final', 'shows its key'] });
  expect(out.match(/^here I am$/gm)?.length).toBeGreaterThan(1);
  expect(out.match(/^ok /gm)).toHaveLength(2);
  expect(exitCode).toBe(0);
});

it('says which words there are where it does not know one', async () => {
  await expect(serve({ without: ['sleep'] })).rejects.toThrow(
    /^There is no sleep to do without: it is resume, or one of idle, /,
  );
});
