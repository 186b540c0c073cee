import { endCall, handOff, type LiveModel, voiceAgent } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import type { ActiveCall, CallHandler } from '@agentao/calls';
import { z } from 'zod';
import type { EscalationStore, SettledOutcome } from './store.ts';

/** What the app is made of. */
export interface HelpDeskParts extends AppParts<EscalationStore> {
  readonly model: LiveModel;
}

const instruction = `You are the first line of an internet provider. Ask what does not work and help in small steps.
When you cannot help, or the caller asks for a person, escalate: say why, and sum up what was tried. The key 0 asks for a person.`;

/** A help desk that rings a person when it cannot help; the person finds what it knows before the phone rings. */
export function createApp({ model, store, notify }: HelpDeskParts): { readonly handler: CallHandler } {
  const escalate = handOff({
    name: 'escalate',
    description: 'Rings a person. Call it when you cannot help, or when the caller asks for one.',
    input: z.object({
      reason: z.string().min(1).describe('in a word or two'),
      summary: z.string().min(1).describe('what the caller wants and what was tried'),
    }),
    ringTimeSeconds: 20,
    before: async ({ reason, summary }, { call }) => {
      const { callId, callerNumber: caller } = call;
      await store.save({ callId, caller, reason, summary });
      void notify.send({
        to: call.calleeNumber,
        text: `${caller || 'A caller'}: ${reason}. ${summary}`,
        data: { callId },
      });
    },
    onAnswered: (call) => settle(call, 'handed-off'),
    onUnanswered: async (call) => {
      await settle(call, 'unanswered');
      return 'Nobody answered. Tell the caller that it is kept and that somebody will call back, and go on helping.';
    },
  });
  // What became of it is worth keeping, and no reason to fail a call.
  const settle = ({ callId }: ActiveCall, outcome: SettledOutcome): Promise<void> =>
    store.settle(callId, outcome).catch(() => {});
  const agent = voiceAgent({ model, instruction, greeting: 'Greet the caller.', tools: [escalate, endCall()] });

  return {
    handler: async (call) => {
      const result = await agent(call);
      if (result.outcome !== 'handed-off') await settle(call, 'abandoned');
      return result;
    },
  };
}
