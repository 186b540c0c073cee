import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { calleeNumber, openRealSwitch } from './real-line.ts';

// It writes down what happens to its store, its notifier and its calls, in the order in which it happens.
const program = `
import { runApp } from '@agentao/business/app';
const openStore = (path) => ({ path, [Symbol.dispose]: () => console.log('store closed') });
const fill = async (store) => console.log('filled ' + store.path);
const createApp = ({ clock, store, notify }) => ({
  handler: async (call) => {
    await call.answer();
    console.log('answered at ' + new Date(clock.wallTime()).getFullYear());
    void notify.send({ text: 'somebody called' }).then((outcome) => console.log('notified: ' + outcome));
    await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    console.log('call over');
  },
});
await runApp({ file: 'rows', openStore, fill, createApp });
console.log('at its end');
`;

interface Running {
  readonly child: ChildProcess;
  said(text: string): Promise<void>;
  ended(): Promise<{ readonly exitCode: number | null; readonly out: readonly string[]; readonly err: string }>;
}

function run(env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data) => (out += String(data)));
  child.stderr.on('data', (data) => (err += String(data)));
  const closed = once(child, 'close');
  return {
    child,
    said: async (text) => {
      while (!out.includes(text)) {
        if (child.exitCode !== null) throw new Error(`no "${text}" in "${out}": ${err}`);
        await pause(20);
      }
    },
    ended: async () => {
      await closed;
      return { exitCode: child.exitCode, out: out.trimEnd().split('\n'), err };
    },
  };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-run-app-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('makes the folder, takes calls, and closes the store after calls and notifications when told to end', async () => {
  await using real = await openRealSwitch();
  const posted: string[] = [];
  const receive = async (request: AsyncIterable<unknown>, response: { end(): unknown }): Promise<void> => {
    for await (const chunk of request) posted.push(String(chunk));
    await pause(300);
    response.end();
  };
  const receiver = createServer((request, response) => void receive(request, response)).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const data = join(folder, 'made', 'here');
  const app = run({ ...real.agentEnv, AGENTAO_APP_DATA: data, NOTIFY_URL: url });
  await app.said('filled');
  expect(existsSync(data)).toBe(true);
  await real.callSwitch.whenReady('e2e');
  const caller = real.phones.phone('+15550001');
  caller.dial(calleeNumber);
  await app.said('answered');
  app.child.kill('SIGTERM');
  await pause(200);
  caller.hangUp();
  const year = new Date().getFullYear();
  expect(await app.ended()).toEqual({
    exitCode: 0,
    err: '',
    out: [
      `filled ${join(data, 'rows')}`,
      `answered at ${year}`,
      'call over',
      'notified: sent',
      'store closed',
      'at its end',
    ],
  });
  expect(posted).toEqual(['{"text":"somebody called"}']);
  receiver.close();
});

it('says what is wrong with the address of its notifications, and makes nothing', async () => {
  await using real = await openRealSwitch();
  const data = join(folder, 'never');
  const app = run({ ...real.agentEnv, AGENTAO_APP_DATA: data, NOTIFY_URL: 'chat.example' });
  const { exitCode, err } = await app.ended();
  expect(exitCode).toBe(1);
  expect(err).toContain('TypeError: NOTIFY_URL: webhook.url');
  expect(existsSync(data)).toBe(false);
});
