import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { LiveModel } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import { type Notification, notifier } from '@agentao/business/notify';
import type { Clock } from '@agentao/clock';
import { readModelRules } from '../model/read-rules.ts';
import type { ModelRules } from '../model/rules.ts';
import { scriptedModel, type ScriptedModel } from '../model/scripted-model.ts';
import { createLab, type Lab, type LabApp, type LabOptions } from './create-lab.ts';
import type { LabCall } from './lab-call.ts';

/** An app of model, clock, store and notifier, and what it is tested with. */
export interface AppLabOptions<Store extends Disposable> extends Omit<LabOptions, 'handler' | 'app'> {
  /** By which the model speaks, or the file that has them. */
  readonly rules: ModelRules | URL;
  /** Opens its store, in a temporary folder that is removed in the end. */
  readonly openStore: (path: string, options: { readonly clock: Clock }) => Store;
  /** What there is in the store before the first call. */
  readonly fill?: (store: Store) => unknown;
  readonly createApp: (parts: AppParts<Store> & { readonly model: LiveModel }) => LabApp;
  /** What is wrong with whom notifications go to. Default: they are logged, where nobody reads. */
  readonly notifier?: NotifierFault | undefined;
}

/** Nobody is there, or somebody who takes connections and never answers. */
export type NotifierFault = 'down' | 'hangs';

/** A lab around one app. */
export interface AppLab<Store extends Disposable> extends Lab {
  readonly store: Store;
  readonly model: ScriptedModel;
  /** What the app has sent, oldest first, whether or not it arrived. */
  readonly notified: readonly Notification[];
  /** Another process that is about to write, until it is disposed of: transactions of the app wait, and give up. */
  lockStore(): Disposable;
  /** Takes the first `count` of some steps, by default all, with a pause after each. */
  walk(call: LabCall, steps: readonly Step[], options?: WalkOptions): Promise<void>;
}

/** How far a caller goes, and how fast. */
export interface WalkOptions {
  readonly count?: number;
  /** Default 0. */
  readonly pauseMs?: number;
}

/** One thing that a caller does, or waits for. */
export type Step = (call: LabCall) => Promise<unknown>;

async function readRulesOf(file: URL): Promise<ModelRules> {
  return readModelRules(JSON.parse(await readFile(file, 'utf8')), basename(file.pathname));
}

const nobodyListens = 'http://127.0.0.1:9/';

/** Takes connections, and never answers. */
async function listenInVain(): Promise<AsyncDisposable & { readonly url: string }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => void open.add(socket.on('error', () => {}).resume()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    await once(server.close(), 'close');
  };
  return { url: `http://127.0.0.1:${port}/`, [Symbol.asyncDispose]: close };
}

/** Makes a lab with the app in it. Rejects as `createLab` does, and with `ModelRulesError` where the rules are wrong. */
export async function createAppLab<Store extends Disposable>(options: AppLabOptions<Store>): Promise<AppLab<Store>> {
  const { rules: from, openStore, fill, createApp, notifier: fault, ...labOptions } = options;
  const model = scriptedModel(from instanceof URL ? await readRulesOf(from) : from);
  const notified: Notification[] = [];
  const quiet = { info: () => {}, warn: () => {} };
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'agentao-app-'));
  undo.defer(() => rm(folder, { recursive: true }));
  const path = join(folder, 'store.sqlite');
  const receiver = fault === 'hangs' ? undo.use(await listenInVain()) : undefined;
  const url = fault === 'down' ? nobodyListens : receiver?.url;
  let opened: Store | undefined;
  const lab = await createLab({
    ...labOptions,
    app: async ({ clock }) => {
      const store = openStore(path, { clock });
      opened = undo.use(store);
      const outside = notifier({ log: quiet, clock, ...(url === undefined ? {} : { webhook: { url } }) });
      const notify: typeof outside = {
        ...outside,
        send: (notification) => {
          notified.push(notification);
          return outside.send(notification);
        },
      };
      await fill?.(store);
      const app = createApp({ model, clock, store, notify });
      const close = async (): Promise<void> => {
        await app.close?.();
        await outside.close();
      };
      return { handler: app.handler, close };
    },
  });
  const parts = undo.move();
  const closeLab = lab[Symbol.asyncDispose];
  const close = async (): Promise<void> => {
    await using _ = parts;
    await closeLab();
  };
  const lockStore = (): Disposable => {
    const db = new DatabaseSync(path);
    db.exec('BEGIN IMMEDIATE');
    return { [Symbol.dispose]: () => db.close() };
  };
  const walk = async (
    call: LabCall,
    steps: readonly Step[],
    { count, pauseMs = 0 }: WalkOptions = {},
  ): Promise<void> => {
    for (const step of steps.slice(0, count)) {
      await step(call);
      if (pauseMs > 0) await lab.pass(pauseMs);
    }
  };
  const more = { store: opened as Store, model, notified, lockStore, walk, [Symbol.asyncDispose]: close };
  return Object.assign(lab, more);
}
