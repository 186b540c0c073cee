import { runApp } from '@agentao/business/app';
import { businessHours } from '@agentao/business/hours';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const day = '09:00-17:00';
const week = { monday: day, tuesday: day, wednesday: day, thursday: day, friday: day };
const hours = businessHours({ timeZone: process.env['TZ'] ?? 'UTC', week });
const hourMs = 3_600_000;

await runApp({
  file: 'appointments.sqlite',
  openStore,
  // The full hours of the next seven days in which the practice is open.
  fill: async (store, clock) => {
    const next = Math.ceil(clock.wallTime() / hourMs);
    const starts = Array.from({ length: 7 * 24 }, (_, index) => new Date((next + index) * hourMs));
    await store.offer(starts.filter(hours.isOpen));
    await store.remember('+15550002', 'Grace');
  },
  createApp: (parts) => createApp({ model: gemini(), hours, ...parts }),
});
