import { join } from 'node:path';
import { businessHours } from '@agentao/business/hours';
import { logTo, notifier } from '@agentao/business/notify';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { createSystemClock } from '@agentao/clock';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const { AGENTAO_APP_DATA: folder = '.', SMS_URL: url } = process.env;
const day = '09:00-17:00';
const hours = businessHours({
  timeZone: 'UTC',
  week: { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day },
});
using store = openStore(join(folder, 'appointments.sqlite'));
// The full hours of the next seven days on which the practice is open.
const nextHour = Math.ceil(Date.now() / 3_600_000);
const starts = Array.from({ length: 7 * 24 }, (_, index) => new Date((nextHour + index) * 3_600_000));
await store.offer(starts.filter(hours.isOpen));
await store.remember('+15550002', 'Grace');
const notify = notifier({ log: logTo(process.stdout), ...(url ? { webhook: { url } } : {}) });

await using client = await AgenTaoClient.open(AgenTaoClientConfig.fromEnv());
const app = createApp({ model: gemini(), clock: createSystemClock(globalThis), hours, store, notify });
client.on(events.INCOMING_CALL, app.handler);
await client.runForever();
await notify.close();
