import { runApp } from '@agentao/business/app';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

await runApp({
  file: 'escalations.sqlite',
  openStore,
  createApp: (parts) => createApp({ model: gemini(), ...parts }),
});
