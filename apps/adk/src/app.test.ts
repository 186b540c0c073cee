import { readFile } from 'node:fs/promises';
import { createLab, readModelRules } from '@agentao/testing';
import { createLiveServer, type LiveServer } from '@agentao/testing/live';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createApp } from './app.ts';

const file = new URL('../model.json', import.meta.url);
const rules = readModelRules(JSON.parse(await readFile(file, 'utf8')), 'model.json');
let server: LiveServer;
beforeEach(async () => {
  server = await createLiveServer({ rules, thinkMs: 50 });
  vi.stubEnv('GEMINI_API_KEY', 'any');
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', server.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

it('finds a book, and leaves fines to the other agent', async () => {
  const app = () => createApp({ model: 'gemini-live-2.5-flash-preview' });
  await using lab = await createLab({ app, clock: 'system' });
  const call = await lab.phone('+15550002').call();
  await call.hears('What are you looking for');
  await call.says('a book about whales');
  await call.hears('Moby Dick is on shelf seven');
  await call.says('I have a fine');
  await call.hears('This is the desk for fines');
  await call.says('What do I owe');
  await call.hears('You owe two fifty');
  await call.says('Goodbye');
  await call.hears('happy reading');
  expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
});
