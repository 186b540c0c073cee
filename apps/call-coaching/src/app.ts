import { type Bridge, bridgeCall, defineTool, dispatchTools, type LiveModel, type Tool } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import { type ActiveCall, type CallHandler, WSSCallCommandError } from '@agentao/calls';
import { z } from 'zod';
import type { CoachingStore } from './store.ts';

/** What the app is made of. */
export interface CoachParts extends AppParts<CoachingStore> {
  readonly model: LiveModel;
  /** Answers before it rings the callee, so that the caller hears ring-back from an answered line. Default false. */
  readonly answerFirst?: boolean;
}

const instruction = `You coach somebody who is on the phone. You hear one of the two; neither hears you unless you call advise.
Note how they feel and what it is about with note. When you have advice, call advise and then say it in one sentence; only the person you coach hears it.`;

/** A coach who listens to both sides apart and whispers to the callee. */
export function createApp({ model, store, notify, answerFirst = false }: CoachParts): {
  readonly handler: CallHandler;
} {
  const handler = async (call: ActiveCall): Promise<void> => {
    if (answerFirst) await call.answer();
    try {
      await call.connect({ mode: 'spy', ringTimeSeconds: 30 });
    } catch (error) {
      if (call.signal.aborted) return;
      if (!(error instanceof WSSCallCommandError)) throw error;
      void notify.send({
        to: call.calleeNumber,
        text: `${call.callerNumber || 'Somebody'} called and nobody picked up.`,
      });
      return call.disconnect();
    }
    // Without a coach the two talk on.
    const sides = await Promise.all([coach(call, 'caller'), coach(call, 'callee')]).catch(() => undefined);
    if (sides === undefined) return call.close();
    const { why } = await Promise.race(sides.map(({ end }) => end));
    if (why === 'model-lost') await call.close();
    await Promise.all(sides.map((side) => side.close()));
  };

  /** Listens to one side. What it says while it spies is played to nobody. */
  const coach = async (call: ActiveCall, party: 'caller' | 'callee'): Promise<Bridge> => {
    const opened = Promise.withResolvers<Bridge>();
    opened.promise.catch(() => {});
    const tools = dispatchTools(call, [
      note(call, party),
      defineTool({
        name: 'advise',
        description: 'What you say next is heard by the person you coach, and by nobody else.',
        input: z.object({}),
        execute: async () => {
          const bridge = await opened.promise;
          await call.whisper();
          void backToSpying(call, bridge);
          return { next: 'Say your advice now, in one sentence.' };
        },
      }),
      defineTool({
        name: 'leave',
        description: 'Leaves the two to themselves.',
        input: z.object({}),
        execute: () => call.close(),
      }),
    ]);
    opened.resolve(bridgeCall(call, model, { instruction, listen: party, ...tools }));
    return opened.promise;
  };

  const note = (call: ActiveCall, party: 'caller' | 'callee'): Tool =>
    defineTool({
      name: 'note',
      description: 'Keeps how the person you hear feels, and what it is about.',
      input: z.object({ sentiment: z.enum(['positive', 'neutral', 'negative']), topic: z.string().min(1) }),
      execute: async ({ sentiment, topic }) => {
        const { callId } = call;
        await store.add(
          { callId, party, kind: 'sentiment', text: sentiment },
          { callId, party, kind: 'topic', text: topic },
        );
        return { kept: true };
      },
    });

  /** When the advice was heard, or cut off. */
  const backToSpying = async (call: ActiveCall, bridge: Bridge): Promise<void> => {
    const turns = bridge.turns.length;
    await bridge.turnHeard();
    await call.spy({ afterPlayout: true }).catch(() => {});
    const advice = bridge.turns[turns]?.heardText ?? '';
    if (advice !== '')
      await store.add({ callId: call.callId, party: 'coach', kind: 'advice', text: advice }).catch(() => {});
  };

  return { handler };
}
