import { join } from 'node:path';
import { logTo, notifier } from '@agentao/business/notify';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const { AGENTAO_APP_DATA: folder = '.', CHAT_URL: url } = process.env;
using store = openStore(join(folder, 'notifications.sqlite'));
// The simulated phones have something to hear when it starts.
for (const number of ['+15550001', '+15550002']) {
  const { left } = await store.next(number);
  if (left === 0)
    for (const text of ['Your parcel arrives tomorrow', 'Your invoice is due on Friday']) await store.add(number, text);
}
const notify = notifier({ log: logTo(process.stdout), ...(url ? { webhook: { url } } : {}) });

await using client = await AgenTaoClient.open(AgenTaoClientConfig.fromEnv());
client.on(events.INCOMING_CALL, createApp({ model: gemini(), store, notify }).handler);
await client.runForever();
await notify.close();
