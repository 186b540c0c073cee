import { runApp } from '@agentao/business/app';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

// Whoever calls from the simulated phones is known.
const customers = { '+15550001': 'Ada', '+15550002': 'Grace' };
const openTickets = ['the export is slow', 'a wrong invoice'];

await runApp({
  file: 'customers.sqlite',
  openStore,
  fill: async (store) => {
    for (const [number, name] of Object.entries(customers)) {
      if ((await store.find(number)) === undefined) await store.addCustomer(number, { name, openTickets });
    }
  },
  createApp: (parts) => createApp({ model: gemini(), ...parts }),
});
