import { runApp } from '@agentao/business/app';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const answerFirst = process.env['ANSWER_FIRST'] === '1';

await runApp({
  file: 'coaching.sqlite',
  openStore,
  createApp: (parts) => createApp({ model: gemini(), answerFirst, ...parts }),
});
