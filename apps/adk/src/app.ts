import { adkAgent, adkTools, currentCall } from '@agentao/adk';
import { endCall, handOff } from '@agentao/agent';
import type { CallHandler } from '@agentao/calls';
import { FunctionTool, LlmAgent } from '@google/adk';
import { z } from 'zod';

const books = new Map([['whales', { title: 'Moby Dick', shelf: 'seven' }]]);
const owed = new Map([['+15550002', 'two fifty']]);

const findBook = new FunctionTool({
  name: 'find_book',
  description: 'Looks for a book about a subject.',
  parameters: z.object({ subject: z.string() }),
  execute: ({ subject }) => {
    const book = books.get(subject.toLowerCase());
    return { found: book !== undefined, ...book };
  },
});

const whatIsOwed = new FunctionTool({
  name: 'what_is_owed',
  description: 'What the caller owes.',
  parameters: z.object({}),
  execute: () => ({ amount: owed.get(currentCall()?.callerNumber ?? '') ?? 'nothing' }),
});

/** The two agents of the library on one model. */
export async function createApp({ model }: { readonly model: string }): Promise<{ readonly handler: CallHandler }> {
  const callTools = await adkTools(handOff({ ringTimeSeconds: 10 }), endCall());
  const fines = new LlmAgent({
    name: 'fines',
    description: 'Knows what callers owe.',
    instruction: 'You are the desk for fines of a library. Say what the caller owes.',
    tools: [whatIsOwed, ...callTools],
  });
  const desk = new LlmAgent({
    name: 'desk',
    model,
    instruction: 'You are the front desk of a library. Find books; leave fines to your colleague.',
    tools: [findBook, ...callTools],
    subAgents: [fines],
  });
  return { handler: adkAgent({ agent: desk, greeting: 'Greet the caller.' }) };
}
