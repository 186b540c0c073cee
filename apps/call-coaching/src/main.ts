import { join } from 'node:path';
import { logTo, notifier } from '@agentao/business/notify';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const { AGENTAO_APP_DATA: folder = '.', NOTIFY_URL: url, ANSWER_FIRST } = process.env;
using store = openStore(join(folder, 'coaching.sqlite'));
const notify = notifier({ log: logTo(process.stdout), ...(url ? { webhook: { url } } : {}) });

await using client = await AgenTaoClient.open(AgenTaoClientConfig.fromEnv());
client.on(
  events.INCOMING_CALL,
  createApp({ model: gemini(), store, notify, answerFirst: ANSWER_FIRST === '1' }).handler,
);
await client.runForever();
await notify.close();
