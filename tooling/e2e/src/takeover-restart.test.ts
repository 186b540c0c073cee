import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { sleep } from '@agentao/clock';
import { expect, it } from 'vitest';
import { calleeNumber, clock, hears, openRealSwitch } from './real-line.ts';

// The quick start's agent, with what a hot restart takes: it says at which step it is by the tone that it sends.
const agent = `
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { tone } from '@agentao/audio';
const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv(process.env, { acceptsTakeover: true }));
client.on(events.INCOMING_CALL, async (call) => {
  const step = call.takenOver ? call.context.step + 1 : 1;
  if (!call.takenOver) await call.answer();
  await call.setContext({ step });
  console.log('step ' + step + ' ' + call.state);
  while (call.state !== 'DISCONNECTED') {
    await call.play(tone({ frequencyHz: 500 + 100 * step, durationMs: 500, sampleRateHz: 24_000, levelDb: -15 }));
  }
});
await client.connect();
console.log('ready');
await client.runForever();
`;

interface AgentChild {
  readonly child: ChildProcess;
  /** Resolves when it has written `text`; rejects after 10 s without, or when it has ended. */
  says(text: string): Promise<void>;
}

function start(env: Readonly<Record<string, string>>): AgentChild {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', agent], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  let complaints = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (complaints += String(data)));
  const says = async (text: string): Promise<void> => {
    for (let waitedMs = 0; !output.includes(text); waitedMs += 20) {
      if (waitedMs > 10_000 || child.exitCode !== null) throw new Error(`no "${text}" in "${output}": ${complaints}`);
      await sleep(clock, 20);
    }
  };
  return { child, says };
}

it('a call goes on with the next agent process when one is killed with -9, ready before or after', async () => {
  await using real = await openRealSwitch();
  const agents: AgentChild[] = [];
  const launch = (): AgentChild => {
    const launched = start(real.agentEnv);
    agents.push(launched);
    return launched;
  };
  try {
    const first = launch();
    await first.says('ready');
    const caller = real.phones.phone('+15550001');
    const callee = real.phones.phone(calleeNumber);
    caller.dial(calleeNumber);
    await first.says('step 1 ANSWERED');
    await hears(caller, 600);

    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = launch();
    await second.says('step 2 ANSWERED');
    await hears(caller, 700);

    const third = launch();
    await third.says('ready');
    second.child.kill('SIGKILL');
    await third.says('step 3 ANSWERED');
    await hears(caller, 800);

    expect([caller.state, callee.state]).toEqual(['answered', 'idle']);
    expect(caller.events.map(({ type }) => type)).toEqual(['answered']);
    expect(real.callSwitch.calls).toHaveLength(1);
    caller.hangUp();
    await caller.until('ended');
  } finally {
    await real.phones.close();
    for (const { child } of agents) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});
