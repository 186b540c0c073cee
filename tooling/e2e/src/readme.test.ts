import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createSystemClock, sleep } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createScriptedPhones, type Phone } from '@agentao/switch/testing';
import { listenWs } from '@agentao/transport/ws';
import { expect, it } from 'vitest';

const clock = createSystemClock(globalThis);

it('runs the agent of the README against a real switch: it answers, says back what it hears, connects and ends the call', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const source = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(18);

  const phones = createScriptedPhones({ clock });
  const { key, stored } = createApiKey();
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    connectors: [{ uuid: 'readme', numbers: ['+15559999'], keys: [stored] }],
  });
  const server = await listenWs({ clock, port: 0, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();
  const agent = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, AGENTAO_API_KEY: key, AGENTAO_CONNECTOR_UUID: 'readme', AGENTAO_BASE_URL: server.url },
  });
  let complaints = '';
  agent.stderr.on('data', (data) => {
    complaints += data;
  });
  const exited = once(agent, 'exit');
  try {
    const gone = exited.then(() => Promise.reject(new Error(`the agent ended: ${complaints}`)));
    await Promise.race([callSwitch.whenReady('readme'), gone]);
    const caller = phones.phone('+15550001');
    const callee = phones.phone('+15559999', { answerAfterMs: 100 });
    caller.dial('+15559999');
    await caller.until('answered');
    const sentence = new Int16Array(24_000).map((_, i) => 8_000 * Math.sin((2 * Math.PI * 700 * i) / 24_000));
    caller.say(sentence);
    await hears(caller, 700);
    caller.press('1');
    await callee.until('answered');
    caller.press('#');
    expect(await caller.until('ended')).toMatchObject({ reason: 'disconnected', by: 'agent' });
  } finally {
    agent.kill('SIGTERM');
    await exited;
    await callSwitch.close();
    await server.close();
  }
  expect(complaints).toBe('');
}, 30_000);

/** Resolves when the tone has come back to the phone's ear. */
async function hears(phone: Phone, frequencyHz: number): Promise<void> {
  const heard = (): boolean =>
    phone.levelDb({ frequencyHz, fromMs: Math.max(0, phone.heardMs - 200) }) > -20;
  for (let waitedMs = 0; !heard(); waitedMs += 20) {
    if (waitedMs > 10_000) throw new Error(`no ${frequencyHz} Hz within 10 s`);
    await sleep(clock, 20);
  }
}
