import { runApp } from '@agentao/business/app';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const news = ['Your parcel arrives tomorrow', 'Your invoice is due on Friday'];

await runApp({
  file: 'notifications.sqlite',
  openStore,
  // The simulated phones have something to hear when it starts.
  fill: async (store) => {
    for (const number of ['+15550001', '+15550002']) {
      const { left } = await store.next(number);
      if (left === 0) for (const text of news) await store.add(number, text);
    }
  },
  createApp: (parts) => createApp({ model: gemini(), ...parts }),
});
