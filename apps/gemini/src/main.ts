import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { createApp } from './app.ts';

const { handler } = createApp({ model: gemini({ voice: 'Kore' }) });
const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());
client.on(events.INCOMING_CALL, handler);
await client.connect();
await client.runForever();
