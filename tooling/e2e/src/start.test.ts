import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeWav, encodeWav, tone } from '@agentao/audio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandOutcome, quickstart, runAgentao } from './agentao-command.ts';

const callTimeoutMs = 90_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-start-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Result {
  readonly name: string;
  readonly pass: boolean;
  readonly failed: readonly string[];
  readonly figures: Readonly<Record<string, number | Readonly<Record<string, number>>>>;
}

function resultOf({ out }: CommandOutcome): Result {
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Result;
}

describe('start --once', () => {
  it(
    'places one call in which every step is heard, and leaves its recordings and nothing else',
    async () => {
      const outcome = await runAgentao(['start', quickstart, '--once', '--port', '0'], folder).outcome;
      const { name, pass, failed, figures } = resultOf(outcome);
      expect(failed, outcome.out).toEqual([]);
      expect({ name, pass, exitCode: outcome.exitCode, err: outcome.err }).toEqual({
        name: 'start',
        pass: true,
        exitCode: 0,
        err: '',
      });
      const steps = [...outcome.out.matchAll(/^✓ +[\d.]+ s {2}(\w+) +(.+?)(?: {2,}.*)?$/gm)].map(
        ([, who, what]) => `${who} ${what}`,
      );
      expect(steps).toEqual([
        'caller is answered',
        'caller hears the greeting',
        'caller hears the greeting stop',
        'caller hears its own words repeated',
        'callee rings',
        'caller hears ring-back',
        'callee picks up',
        'callee hears the caller',
        'callee hears the agent repeat it',
        'caller hears the agent repeat it',
        'caller hears the callee',
        'callee hears the caller',
        'callee hears the agent whisper it',
        'caller hears nothing of that',
        'caller hears the callee',
        'callee hears no agent any more',
        'callee is told that the call is over',
      ]);
      expect(figures).toMatchObject({ whisperDb: { callerHearsAgent: -120 }, leftDb: { calleeHearsAgent: -120 } });
      expect(await readdir(join(folder, '.agentao'))).toEqual(['last-call']);
      const ear = decodeWav(await readFile(join(folder, '.agentao', 'last-call', 'caller-ear.wav')));
      expect(ear.samples.length / ear.sampleRateHz).toBeGreaterThan(15);
    },
    callTimeoutMs,
  );

  it(
    'tells which step failed, and exits with 1, when the agent rejects the caller',
    async () => {
      const agent = join(folder, 'unfriendly.ts');
      const imports = `import { AgenTaoClient, AgenTaoClientConfig } from ${JSON.stringify(import.meta.resolve('@agentao/calls'))};`;
      await writeFile(
        agent,
        `${imports}
       const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());
       client.on('call.incoming', (call) => call.disconnect());
       await client.connect();
       await client.runForever();`,
      );
      const outcome = await runAgentao(['start', agent, '--once', '--port', '0'], folder).outcome;
      expect(resultOf(outcome)).toMatchObject({ pass: false, failed: ['caller is answered'] });
      expect(outcome.exitCode).toBe(1);
    },
    callTimeoutMs,
  );
});

describe('a start that cannot be is told in one line with exit code 1', () => {
  const failure = async (...args: string[]): Promise<CommandOutcome> => {
    const outcome = await runAgentao(['start', quickstart, '--once', ...args], folder).outcome;
    return { ...outcome, out: outcome.out.replace(/^ {2}Starting the switch and the agent \.\.\.\n$/, '') };
  };

  it('when the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const err = `Port ${port} is in use. Stop the other program or choose one: --port ${port + 1}\n`;
    expect(await failure('--port', String(port))).toEqual({ exitCode: 1, out: '', err });
    server.close();
  });

  it('when the recording is no WAV, or silent', async () => {
    const text = join(folder, 'letter.wav');
    await writeFile(text, 'Dear caller, this is a letter and not a recording at all.');
    const outcome = await failure('--port', '0', '--wav', text);
    expect(outcome).toMatchObject({ exitCode: 1, out: '' });
    expect(outcome.err).toMatch(/^Cannot read .*letter\.wav: [^\n]+\n$/);
    const silent = join(folder, 'silent.wav');
    await writeFile(
      silent,
      encodeWav(tone({ frequencyHz: 440, durationMs: 500, sampleRateHz: 8_000, levelDb: -80 }), {
        sampleRateHz: 8_000,
      }),
    );
    expect((await failure('--port', '0', '--wav', silent)).err).toMatch(
      /^Cannot use .*silent\.wav: it is silent \([^\n]+\n$/,
    );
  });

  it('when the agent crashes, with what it said', async () => {
    const agent = join(folder, 'crash.ts');
    await writeFile(agent, `throw new Error('the model key is missing');`);
    const outcome = await runAgentao(['start', agent, '--once', '--port', '0'], folder).outcome;
    expect(outcome.exitCode).toBe(1);
    expect(outcome.out).toBe('  Starting the switch and the agent ...\n');
    expect(outcome.err).toBe(`The agent ${agent} ended (exit code 1): Error: the model key is missing\n`);
  });
});

describe('dev', () => {
  it.each([[[]], [['--watch']]])(
    'ends agent and switch on SIGTERM, and the agent ends by itself if dev %j is killed',
    async (flags: string[]) => {
      const agent = join(folder, 'patient.ts');
      await writeFile(agent, `setInterval(() => {}, 1000); console.log('pid ' + process.pid + ' of ' + process.ppid);`);
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        const command = runAgentao(['dev', agent, '--port', '0', ...flags], folder);
        const [, pid, parentPid] = await command.said(/agent: pid (\d+) of (\d+)/);
        await command.said(/agentao call/);
        command.kill(signal);
        const { exitCode } = await command.outcome;
        expect(exitCode).toBe(signal === 'SIGTERM' ? 0 : null);
        for (const gone of [pid, parentPid]) {
          await expect.poll(() => isRunning(Number(gone)), { timeout: 5_000 }).toBe(false);
        }
      }
    },
  );
});

describe('call', () => {
  it('ends with exit code 1 and its figures when the agent is gone before it has answered', async () => {
    const agent = join(folder, 'short-lived.ts');
    await writeFile(
      agent,
      `import { AgenTaoClient, AgenTaoClientConfig } from ${JSON.stringify(import.meta.resolve('@agentao/calls'))};
       const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());
       client.on('call.incoming', () => {
         process.exit(0);
       });
       await client.connect();
       console.log('takes calls');
       await client.runForever();`,
    );
    const dev = runAgentao(['dev', agent, '--port', '0', '--watch'], folder);
    await dev.said(/agent: takes calls/);
    const outcome = await runAgentao(['call', '--json'], folder).outcome;
    dev.kill('SIGTERM');
    expect(resultOf(outcome), outcome.out).toMatchObject({ name: 'call', pass: false });
    expect(outcome.exitCode).toBe(1);
    expect((await dev.outcome).exitCode).toBe(0);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('dev whose agent is gone in the midst of a call', () => {
  it(
    'keeps the call until the caller hangs up, then ends with 1',
    async () => {
      const agent = join(folder, 'fragile.ts');
      const imports = `import { AgenTaoClient, AgenTaoClientConfig } from ${JSON.stringify(import.meta.resolve('@agentao/calls'))};`;
      await writeFile(
        agent,
        `${imports}
const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());
client.on('call.incoming', async (call) => {
  await call.connect();
  process.kill(process.pid, 'SIGKILL');
});
await client.connect();
await client.runForever();
`,
      );
      const dev = runAgentao(['dev', agent, '--port', '0'], folder);
      await dev.said(/Ready: the agent takes calls/);
      const caller = runAgentao(['call', '--keys', ''], folder);
      await dev.said(/One call goes on without it/);
      await caller.outcome;
      const { exitCode, out, err } = await dev.outcome;
      expect(out).toMatch(/One call goes on without it[^]*ended +reason hangup, by caller/);
      expect(err).toContain('signal SIGKILL');
      expect(exitCode).toBe(1);
    },
    callTimeoutMs,
  );
});
