import { join } from 'node:path';
import { logTo, notifier } from '@agentao/business/notify';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const { AGENTAO_APP_DATA: folder = '.', CRM_URL: url } = process.env;
using store = openStore(join(folder, 'customers.sqlite'));
// Whoever calls from the simulated phones is known.
for (const [number, name] of [
  ['+15550001', 'Ada'],
  ['+15550002', 'Grace'],
] as const) {
  if ((await store.find(number)) === undefined) {
    await store.addCustomer(number, { name, openTickets: ['the export is slow', 'a wrong invoice'] });
  }
}
const notify = notifier({ log: logTo(process.stdout), ...(url ? { webhook: { url } } : {}) });

await using client = await AgenTaoClient.open(AgenTaoClientConfig.fromEnv());
client.on(events.INCOMING_CALL, createApp({ model: gemini(), store, notify }).handler);
await client.runForever();
await notify.close();
