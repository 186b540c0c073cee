import { type AgentResult, defineTool, endCall, leave, voiceAgent, type VoiceAgentOptions } from '@agentao/agent';
import { sleep } from '@agentao/clock';
import { createLab, type ModelRules, scriptedModel } from '@agentao/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'who', call: { name: 'who_calls' } },
    { after: 'who_calls', say: 'You are {result.caller}.' },
  ],
};

describe('instruction and tools that are functions', () => {
  it('are asked for each call, while it rings, with the call', async () => {
    const model = scriptedModel(rules);
    const asked: unknown[] = [];
    const handler = voiceAgent({
      model,
      greeting: 'Greet the caller.',
      instruction: async ({ callerNumber, clock, state }) => {
        await sleep(clock, 400);
        asked.push(state);
        return `You speak with ${callerNumber}.`;
      },
      tools: ({ callerNumber, state }) => {
        asked.push(state);
        const whoCalls = defineTool({
          name: 'who_calls',
          description: 'Tells who calls.',
          input: z.object({}),
          execute: () => ({ caller: callerNumber.slice(-2) }),
        });
        return callerNumber.endsWith('1') ? [whoCalls, endCall()] : [whoCalls];
      },
    });
    await using lab = await createLab({ handler });
    const first = await lab.phone('+15550001').call();
    const second = await lab.phone('+15550002').call();
    for (const [call, caller] of [
      [first, '01'],
      [second, '02'],
    ] as const) {
      await call.hears('Hello caller');
      await call.says('who');
      await call.hears(`You are ${caller}`);
      call.hangUp();
    }
    expect(model.sessions.map(({ instruction, tools }) => [instruction, tools])).toEqual([
      ['You speak with +15550001.', ['who_calls', 'end_call']],
      ['You speak with +15550002.', ['who_calls']],
    ]);
    expect(asked).toEqual(['PENDING', 'PENDING', 'PENDING', 'PENDING']);
    for (const call of lab.calls) await lab.handled(call);
  });

  const broken = (): never => {
    throw new Error('the database is gone');
  };
  const cases: readonly (readonly [string, Partial<VoiceAgentOptions>, string])[] = [
    ['an instruction that throws', { instruction: broken }, 'the database is gone'],
    ['an instruction that rejects', { instruction: () => Promise.reject(new Error('gone')) }, 'gone'],
    ['tools that throw', { tools: broken }, 'the database is gone'],
    ['tools of one name', { tools: () => [endCall({ name: 'bye' }), leave({ name: 'bye' })] }, 'bye'],
  ];

  it.each(cases)('decline a call for %s, and the person is rung', async (_, options, why) => {
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: voiceAgent({ model, greeting: 'Greet the caller.', ...options }) });
    const call = await lab.phone('+15550001').call();
    const person = await lab.phone(lab.number).rung();
    person.answer();
    await person.says('Workshop speaking');
    await call.hears('Workshop speaking', { from: 'middle' });
    const { outcome, error, turns } = (await lab.handled()) as AgentResult;
    expect([outcome, turns]).toEqual(['failed', []]);
    expect(error).toMatchObject({ name: 'LiveModelError', code: 'BAD_REQUEST', retryable: false });
    expect(error?.cause).toMatchObject({ message: expect.stringContaining(why) as string });
    expect(model.sessions).toEqual([]);
    const noted = lab.annotations(lab.calls[0]?.callId ?? '').filter(({ kind }) => kind === 'agent');
    expect(noted.map(({ data }) => data)).toEqual([{ model: 'scripted', outcome: 'failed' }]);
    person.hangUp();
    await call.ended();
  });
});
