import { runApp } from '@agentao/business/app';
import { businessHours } from '@agentao/business/hours';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const { OFFICE_HOURS, TZ: timeZone = 'UTC' } = process.env;
const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
// Closed at all times unless told otherwise, so that there is something to try.
const week = OFFICE_HOURS ? Object.fromEntries(days.map((day) => [day, OFFICE_HOURS])) : {};
const hours = businessHours({ timeZone, week, holidays: ['2026-12-25', '2027-01-01'] });

await runApp({
  file: 'messages.sqlite',
  openStore,
  createApp: (parts) => createApp({ model: gemini(), hours, ...parts }),
});
