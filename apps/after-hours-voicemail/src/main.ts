import { join } from 'node:path';
import { businessHours } from '@agentao/business/hours';
import { logTo, notifier } from '@agentao/business/notify';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const { AGENTAO_APP_DATA: folder = '.', OFFICE_HOURS = '', NOTIFY_URL: url } = process.env;
// Closed at all times unless told otherwise, so that there is something to try.
const day =
  OFFICE_HOURS === ''
    ? {}
    : {
        monday: OFFICE_HOURS,
        tuesday: OFFICE_HOURS,
        wednesday: OFFICE_HOURS,
        thursday: OFFICE_HOURS,
        friday: OFFICE_HOURS,
      };
const hours = businessHours({
  timeZone: process.env['TZ'] ?? 'UTC',
  week: day,
  holidays: ['2026-12-25', '2027-01-01'],
});
using store = openStore(join(folder, 'messages.sqlite'));
const notify = notifier({ log: logTo(process.stdout), ...(url ? { webhook: { url } } : {}) });

await using client = await AgenTaoClient.open(AgenTaoClientConfig.fromEnv());
client.on(events.INCOMING_CALL, createApp({ model: gemini(), hours, store, notify }).handler);
await client.runForever();
await notify.close();
