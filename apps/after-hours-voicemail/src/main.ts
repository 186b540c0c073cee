import { runApp } from '@agentao/business/app';
import type { BusinessHours } from '@agentao/business/hours';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { officeHours } from './office-hours.ts';
import { openStore } from './store.ts';

const hours = hoursOrEnd();

await runApp({
  file: 'messages.sqlite',
  openStore,
  createApp: (parts) => createApp({ model: gemini(), hours, ...parts }),
});

/** Whoever has set a variable wrong reads one line. */
function hoursOrEnd(): BusinessHours {
  try {
    return officeHours(process.env);
  } catch (error) {
    console.error(String(error));
    return process.exit(1);
  }
}
