import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClientLine, formatReport, scenarios, type StartClient, testClient } from '@agentao/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConformanceAgent } from './conformance-agent.ts';
import { readPage, tableUnder } from './pages/page.ts';
import { python } from './python.ts';
import { wrongClients, wrongTransport } from './wrong-clients.ts';

/** Where Node keeps what it has compiled: the kit starts the same agent some twenty times. */
let cache = '';
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'agentao-conformance-'));
});
afterAll(() => rm(cache, { recursive: true, force: true }));

it('is documented with every word that an agent has to know', () => {
  const rows = tableUnder(readPage('docs/conformance.md'), 'What the agent does');
  expect(rows).toEqual(Object.entries(scenarios).map(([word, does]) => [`\`${word}\``, does]));
});

describe.concurrent('the conformance kit, playing the switch', () => {
  it('finds nothing wrong with the client in TypeScript', async () => {
    const agent = fileURLToPath(new URL('./conformance-agent.ts', import.meta.url));
    const report = await testClient({ start: program(process.execPath, agent) });
    expect(
      report.results.filter(({ outcome }) => outcome !== 'passed'),
      formatReport(report),
    ).toEqual([]);
    expect(report).toMatchObject({ pass: true, side: 'client', target: expect.stringMatching(/^@agentao\/calls /) });
  }, 150_000);

  it.skipIf(python === undefined)(
    'finds nothing wrong with the client in Python, which does not resume',
    async () => {
      const folder = fileURLToPath(new URL('../../../packages/protocol/conformance/python/', import.meta.url));
      const start = program(python ?? '', `${folder}conformance_agent.py`);
      const report = await testClient({ start, without: ['resume', 'record', 'late'] });
      expect(
        report.results.filter(({ outcome }) => outcome === 'failed'),
        formatReport(report),
      ).toEqual([]);
      const untried = report.results.filter(({ outcome }) => outcome === 'untried');
      expect(untried.every((result) => 'why' in result && /without (resume|record|late)/.test(result.why))).toBe(true);
      expect(report.pass).toBe(true);
    },
    150_000,
  );

  describe('finds a client that', () => {
    it.for(Object.entries(wrongClients))('%s', { timeout: 60_000 }, async ([, makeFault]) => {
      const { rule, check } = makeFault();
      const report = await testClient({ start: (line) => wrongClient(line, makeFault), only: [check] });
      const found = report.results.filter(({ outcome, clauses }) => outcome === 'failed' && clauses.includes(rule));
      expect(found.length, formatReport(report)).toBeGreaterThan(0);
    });
  });
});

/** A client of this process with one fault. */
async function wrongClient(line: ClientLine, makeFault: (typeof wrongClients)[string]): Promise<AsyncDisposable> {
  const fault = makeFault();
  const { random } = fault;
  const client = createConformanceAgent(environmentOf(line), {
    transport: wrongTransport(fault),
    ...(random && { random }),
  });
  // The kit may not welcome it, which is what is looked for.
  client.connect().catch(() => undefined);
  return { [Symbol.asyncDispose]: () => client.disconnect() };
}

function environmentOf({ url, apiKey, connectorUuid }: ClientLine): NodeJS.ProcessEnv {
  return { AGENTAO_BASE_URL: url, AGENTAO_API_KEY: apiKey, AGENTAO_CONNECTOR_UUID: connectorUuid };
}

/** Starts a program with the environment that an agent is given. */
function program(command: string, file: string): StartClient {
  return (line) => {
    const child = spawn(command, [file], {
      stdio: 'ignore',
      env: { ...process.env, ...environmentOf(line), NODE_COMPILE_CACHE: cache, PYTHONDONTWRITEBYTECODE: '1' },
    });
    const ended = once(child, 'exit');
    return {
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGKILL');
        await ended;
      },
    };
  };
}
