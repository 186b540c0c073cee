import { defineTool, endCall, handOff, voiceAgent } from '@agentao/agent';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { gemini } from '@agentao/gemini';
import { z } from 'zod';

const repairs = new Map([
  ['42', { bicycle: 'blue city bike', state: 'ready', price: '60 euros' }],
  ['43', { bicycle: 'racing bike', state: 'waiting for a part', price: 'not known yet' }],
]);

const repairStatus = defineTool({
  name: 'repair_status',
  description: 'Looks up how far a repair is. Call it once the caller has told the number of the ticket.',
  input: z.object({ ticket: z.string().describe('Number of the ticket, digits only') }),
  execute: ({ ticket }) => repairs.get(ticket) ?? { state: 'unknown', hint: 'There is no such ticket. Ask again.' },
});

const client = new AgenTaoClient(AgenTaoClientConfig.fromEnv());

client.on(
  events.INCOMING_CALL,
  voiceAgent({
    model: gemini({ voice: 'Kore', language: 'en-US' }),
    instruction: `You answer the phone of a bicycle workshop. Be brief and friendly. Tell how far repairs are with repair_status.
      Hand the call off when somebody wants to talk to a person. End it when the caller has nothing more to ask.`,
    greeting: 'Greet the caller on behalf of the workshop and ask what you can do.',
    tools: [repairStatus, handOff({ ringTimeSeconds: 20, say: 'One moment, I ring the workshop.' }), endCall()],
    onTurn: ({ index, latencyMs, interrupted }, { callId }) =>
      console.log(`${callId} turn ${index}: ${latencyMs ?? '-'} ms to the ear${interrupted ? ', interrupted' : ''}`),
  }),
);

await client.connect();
await client.runForever();
