import { defineTool, endCall, handOff, type LiveModel, voiceAgent } from '@agentao/agent';
import type { CallHandler } from '@agentao/calls';
import { z } from 'zod';

const instruction = `You answer the phone of a bicycle workshop. Be brief and friendly.
Look repairs up by the number on the ticket; never guess how far one is.
When somebody wants a person, or you cannot help, hand the call off.`;

const repairs = new Map([
  ['42', { bicycle: 'the red tandem', state: 'ready' }],
  ['43', { bicycle: 'the racing bicycle', state: 'in work' }],
]);

const repairStatus = defineTool({
  name: 'repair_status',
  description: 'How far a repair is.',
  input: z.object({ ticket: z.string().regex(/^\d+$/).describe('the number on the ticket') }),
  execute: ({ ticket }) => repairs.get(ticket) ?? { state: 'unknown' },
});

const openingHours = defineTool({
  name: 'opening_hours',
  description: 'When the workshop is open today.',
  input: z.object({}),
  execute: () => ({ today: 'from nine to five' }),
});

/** The agent of the workshop. */
export function createApp({ model }: { readonly model: LiveModel }): { readonly handler: CallHandler } {
  return {
    handler: voiceAgent({
      model,
      instruction,
      greeting: 'Greet the caller.',
      tools: [repairStatus, openingHours, handOff({ ringTimeSeconds: 5 }), endCall()],
    }),
  };
}
