import { defineTool, voiceAgent } from '@agentao/agent';
import { gemini } from '@agentao/gemini';
import { z } from 'zod';
import { serveCalls } from './serve-calls.ts';

// An agent on Gemini as people write it.
let runs = 0;
const lookUp = defineTool({
  name: 'look_up',
  description: 'Looks it up.',
  input: z.object({ what: z.string() }),
  execute: () => ({ found: ++runs }),
});
const model = gemini({ apiKey: 'any' });
await serveCalls(voiceAgent({ model, greeting: 'Greet the caller.', tools: [lookUp] }), () => runs);
