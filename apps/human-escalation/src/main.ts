import { join } from 'node:path';
import { logTo, notifier } from '@agentao/business/notify';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const { AGENTAO_APP_DATA: folder = '.', NOTIFY_URL: url } = process.env;
using store = openStore(join(folder, 'escalations.sqlite'));
const notify = notifier({ log: logTo(process.stdout), ...(url ? { webhook: { url } } : {}) });

await using client = await AgenTaoClient.open(AgenTaoClientConfig.fromEnv());
client.on(events.INCOMING_CALL, createApp({ model: gemini(), store, notify }).handler);
await client.runForever();
await notify.close();
