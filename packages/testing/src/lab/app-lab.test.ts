import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { endCall, voiceAgent } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import { type Database, openDatabase } from '@agentao/business/sqlite';
import { sleep } from '@agentao/clock';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AppLabOptions, createAppLab } from './app-lab.ts';

interface Store extends Database {
  readonly path: string;
}

let folder: string;
let rules: URL;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentao-app-lab-'));
  rules = pathToFileURL(join(folder, 'model.json'));
  await writeFile(rules, JSON.stringify({ rules: [{ hears: 'greet', say: 'Hello.' }] }));
});
afterAll(() => rm(folder, { recursive: true }));

const schema = 'CREATE TABLE IF NOT EXISTS caller (number TEXT PRIMARY KEY) STRICT';
const openStore: AppLabOptions<Store>['openStore'] = (path, { clock }) =>
  Object.assign(openDatabase(path, { schema, clock }), { path });
const add = (store: Store, number: string): Promise<unknown> =>
  store.transaction((tx) => tx.prepare('INSERT INTO caller VALUES (?)').run(number));
const createApp: AppLabOptions<Store>['createApp'] = ({ model, store, notify }) => ({
  handler: async (call) => {
    const outcome = await add(store, call.callerNumber).then(
      () => 'kept',
      (error: Error) => error.message,
    );
    void notify.send({ text: outcome });
    await voiceAgent({ model, greeting: 'greet', tools: [endCall()] })(call);
  },
});

it('gives the app its parts, takes it through steps, and leaves no folder', async () => {
  let path = '';
  {
    await using lab = await createAppLab({ rules, openStore, createApp, fill: (store) => add(store, '+15550009') });
    ({ path } = lab.store);
    const call = await lab.phone('+15550001').call();
    const before = lab.clock.now();
    await lab.walk(call, [(one) => one.hears('Hello'), () => Promise.reject(new Error('never'))], {
      count: 1,
      pauseMs: 700,
    });
    expect(lab.clock.now() - before).toBeGreaterThanOrEqual(700);
    const numbers = await lab.store.transaction((tx) => tx.prepare('SELECT number FROM caller ORDER BY number').all());
    expect(numbers.map(({ number }) => number)).toEqual(['+15550001', '+15550009']);
    expect(lab.notified).toEqual([{ text: 'kept' }]);
    expect(lab.model.sessions).toHaveLength(1);
    expect(lab.calls).toHaveLength(1);
    call.hangUp();
    await lab.handled();
  }
  expect(existsSync(dirname(path))).toBe(false);
});

it.each(['down', 'hangs'] as const)('locks the store until it is told to let go; notifier: %s', async (notifier) => {
  await using lab = await createAppLab({ rules, openStore, createApp, notifier });
  {
    using _ = lab.lockStore();
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello');
    call.hangUp();
  }
  const call = await lab.phone('+15550002').call();
  await call.hears('Hello');
  call.hangUp();
  expect(lab.notified).toEqual([{ text: expect.stringContaining('locked') as string }, { text: 'kept' }]);
});

it('has a receiver of notifications who never answers', async () => {
  let outcome: string | undefined;
  const telling = (parts: Parameters<typeof createApp>[0]): ReturnType<typeof createApp> => ({
    handler: async (call) => {
      void parts.notify.send({ text: 'somebody' }).then((sent) => (outcome = sent));
      await createApp(parts).handler(call);
    },
  });
  {
    await using lab = await createAppLab({ rules, openStore, createApp: telling, notifier: 'hangs' });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello');
    await lab.pass(3_000);
    expect(outcome).toBeUndefined();
  }
  expect(outcome).toBe('logged');
});

it('ends where the app has to wait for the clock when it closes', async () => {
  let closed = false;
  const slow = (parts: AppParts<Store> & Parameters<typeof createApp>[0]): ReturnType<typeof createApp> => ({
    ...createApp(parts),
    close: async () => {
      await sleep(parts.clock, 5_000);
      closed = true;
    },
  });
  {
    await using lab = await createAppLab({ rules, openStore, createApp: slow });
    await lab.pass(20);
  }
  expect(closed).toBe(true);
});

it('leaves no folder where the app cannot be made', async () => {
  let path = '';
  const fill = (store: Store): void => {
    ({ path } = store);
    throw new Error('nothing to fill it with');
  };
  await expect(createAppLab({ rules, openStore, createApp, fill })).rejects.toThrow('nothing to fill it with');
  expect(existsSync(dirname(path))).toBe(false);
});
