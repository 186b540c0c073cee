import { type Bridge, bridgeCall, defineTool, dispatchTools, type LiveModel, type Tool } from '@agentao/agent';
import type { AppParts } from '@agentao/business/app';
import { type ActiveCall, type CallHandler, events, WSSCallCommandError } from '@agentao/calls';
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
const lineInstruction = 'You are the line of an office. Say only what you are asked to say, in a sentence.';
const ringTimeSeconds = 30;

/** A coach who listens to both sides apart and whispers to the callee. */
export function createApp({ model, store, notify, answerFirst = false }: CoachParts): {
  readonly handler: CallHandler;
} {
  const handler = async (call: ActiveCall): Promise<void> => {
    if (answerFirst) await call.answer();
    try {
      await call.connect({ mode: 'spy', ringTimeSeconds });
    } catch (error) {
      if (call.signal.aborted) return;
      if (!(error instanceof WSSCallCommandError)) throw error;
      const text = `${call.callerNumber || 'Somebody'} called and nobody picked up.`;
      void notify.send({ to: call.calleeNumber, text });
      if (answerFirst) await apologise(call);
      return call.disconnect();
    }
    // Without a coach the two talk on.
    const sides = await listen(call).catch(() => undefined);
    if (sides === undefined) return call.close();
    call.on(events.CALL_DTMF, ({ digit, party }) => {
      if (party !== 'callee') return;
      if (digit === '*') sides[0]?.sendText('The person you coach asks for advice.');
      if (digit === '9') void call.close();
    });
    const { why } = await Promise.race(sides.map(({ end }) => end));
    if (why === 'model-lost') await call.close();
    await Promise.all(sides.map((side) => side.close()));
  };

  /** Says on a line that is answered why it ends. Without a model it just ends. */
  const apologise = async (call: ActiveCall): Promise<void> => {
    const bridge = await bridgeCall(call, model, { instruction: lineInstruction }).catch(() => undefined);
    bridge?.sendText('Nobody picked up. Say so, that you are sorry, and goodbye.');
    await bridge?.turnHeard();
  };

  /** Listens to each side with a conversation of its own; the two share one voice, which one of them has at a time. */
  const listen = (call: ActiveCall): Promise<readonly Bridge[]> => {
    let isAdvising = false;
    const advise = async (bridge: Bridge): Promise<object> => {
      if (isAdvising) throw new Error('advice is being given already: wait until it was heard');
      isAdvising = true;
      try {
        await call.whisper();
      } catch (error) {
        isAdvising = false;
        throw error;
      }
      bridge.speaks = true;
      void backToSpying(call, bridge).finally(() => (isAdvising = false));
      return { next: 'Say your advice now, in one sentence.' };
    };
    return Promise.all([coach(call, 'caller', advise), coach(call, 'callee', advise)]);
  };

  const coach = (
    call: ActiveCall,
    party: 'caller' | 'callee',
    advise: (bridge: Bridge) => Promise<object>,
  ): Promise<Bridge> => {
    const opened = Promise.withResolvers<Bridge>();
    const tools = dispatchTools(call, [
      note(call, party),
      defineTool({
        name: 'advise',
        description: 'What you say next is heard by the person you coach, and by nobody else.',
        input: z.object({}),
        execute: async () => advise(await opened.promise),
      }),
      defineTool({
        name: 'leave',
        description: 'Leaves the two to themselves.',
        input: z.object({}),
        execute: () => call.close(),
      }),
    ]);
    opened.resolve(bridgeCall(call, model, { instruction, listen: party, speaks: false, ...tools }));
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

  /** When the advice was heard, or cut off. What was heard of it is kept. */
  const backToSpying = async (call: ActiveCall, bridge: Bridge): Promise<void> => {
    const turns = bridge.turns.length;
    await bridge.turnHeard();
    bridge.speaks = false;
    await call.spy({ afterPlayout: true }).catch(() => {});
    const advice = bridge.turns[turns]?.heardText ?? '';
    if (advice !== '')
      await store.add({ callId: call.callId, party: 'coach', kind: 'advice', text: advice }).catch(() => {});
  };

  return { handler };
}
