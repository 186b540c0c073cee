import { setFlagsFromString } from 'node:v8';
import { voiceAgent } from '@agentao/agent';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { type Footprint, footprint } from './footprint.ts';

// An agent as people write it. Asked for its `footprint`, it says what it holds after a collection.
setFlagsFromString('--expose-gc');
const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());
let done = 0;
const agent = voiceAgent({ model: gemini({ apiKey: 'any' }), greeting: 'Greet the caller.' });
client.on(events.INCOMING_CALL, async (call) => {
  await agent(call);
  done += 1;
});
await client.connect();
process.send?.('ready');
process.once('disconnect', () => process.exit(0));
process.on('message', (message) => {
  if (message !== 'footprint') return;
  void footprint().then((held) => process.send?.({ ...held, done } satisfies Footprint & { readonly done: number }));
});
await client.runForever();
