import { adkAgent } from '@agentao/adk';
import { FunctionTool, LlmAgent } from '@google/adk';
import { z } from 'zod';
import { serveCalls } from './serve-calls.ts';

// The same agent with the kit.
let runs = 0;
const lookUp = new FunctionTool({
  name: 'look_up',
  description: 'Looks it up.',
  parameters: z.object({ what: z.string() }),
  execute: () => ({ found: ++runs }),
});
const agent = new LlmAgent({ name: 'desk', model: 'gemini-live-2.5-flash-preview', tools: [lookUp] });
await serveCalls(adkAgent({ agent, greeting: 'Greet the caller.' }), () => runs);
