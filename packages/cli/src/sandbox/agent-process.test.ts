import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '@agentao/clock';
import { afterAll, expect, it } from 'vitest';
import { type AgentProcess, startAgent } from './agent-process.ts';

const cwd = await mkdtemp(join(tmpdir(), 'agentao-agent-'));
afterAll(() => rm(cwd, { recursive: true }));
const clock = createSystemClock(globalThis);

async function run(source: string, onLine: (line: string) => void = () => {}): Promise<AgentProcess> {
  await writeFile(join(cwd, 'agent.ts'), source);
  return startAgent('agent.ts', { clock, cwd, env: { AGENTAO_API_KEY: 'ak_1' }, onLine });
}

it('runs a TypeScript file with the environment it is given and passes its lines on', async () => {
  const lines: string[] = [];
  const agent = await run(`const key: string = process.env.AGENTAO_API_KEY ?? ''; console.log('key ' + key);`, (line) =>
    lines.push(line),
  );
  expect(await agent.exited).toBe('The agent agent.ts ended (exit code 0)');
  expect(lines).toEqual(['key ak_1']);
});

it('tells in one line how an agent crashed', async () => {
  const agent = await run(`throw new TypeError('AGENTAO_MODE is missing');`);
  expect(await agent.exited).toBe('The agent agent.ts ended (exit code 1): TypeError: AGENTAO_MODE is missing');
});

it('tells the first line of what an agent complained of before it gave up', async () => {
  const agent = await run(`console.error('no microphone'); console.error('bye'); process.exitCode = 3;`);
  expect(await agent.exited).toBe('The agent agent.ts ended (exit code 3): no microphone');
});

it('ends an agent by its own process, once', async () => {
  let running: () => void;
  const started = new Promise<void>((resolve) => {
    running = resolve;
  });
  const agent = await run(`setInterval(() => {}, 1000); console.log('running');`, () => running());
  await started;
  await Promise.all([agent.stop(), agent.stop()]);
  expect(await agent.exited).toBe('The agent agent.ts ended (signal SIGTERM)');
  expect(() => process.kill(agent.pid, 0)).toThrow(/ESRCH/);
});

it('refuses a file that is not there', async () => {
  await expect(startAgent('nobody.ts', { clock, cwd, env: {}, onLine: () => {} })).rejects.toThrow(
    'There is no agent file nobody.ts.',
  );
});
