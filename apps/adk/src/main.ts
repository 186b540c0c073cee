import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { createApp } from './app.ts';

const { handler } = await createApp({ model: 'gemini-live-2.5-flash-preview' });
const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());
client.on(events.INCOMING_CALL, handler);
await client.connect();
await client.runForever();
