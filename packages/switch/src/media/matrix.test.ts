import { describe, expect, it } from 'vitest';
import { admitsListener, hearingOf, matrices, matrixOf } from './matrix.ts';

const people = { callerCallee: 1, calleeCaller: 1 };

/** A matrix in one line: who hears whom with which gain. */
function lines(matrix: ReturnType<typeof matrixOf>): Record<string, number> {
  return {
    callerCallee: matrix.caller.callee,
    callerAgent: matrix.caller.agent,
    calleeCaller: matrix.callee.caller,
    calleeAgent: matrix.callee.agent,
    agentCaller: matrix.agent.caller,
    agentCallee: matrix.agent.callee,
    ringbackCaller: matrix.ringback.caller,
  };
}

const silence = lines(matrices.nobody);

describe('matrix', () => {
  it.each([
    ['waiting', false, true, null, {}],
    ['waiting', true, true, null, { ringbackCaller: 1 }],
    ['waiting', true, false, null, { ringbackCaller: 1 }],
    ['answered', false, true, null, { callerAgent: 1, agentCaller: 1 }],
    ['answered', true, true, null, { callerAgent: 1, agentCaller: 1, ringbackCaller: 0.25 }],
    ['answered', true, false, null, { ringbackCaller: 1 }],
    ['answered', false, false, null, {}],
    ['connected', false, true, 'barge', { ...people, callerAgent: 1, calleeAgent: 1, agentCaller: 1, agentCallee: 1 }],
    ['connected', false, true, 'whisper', { ...people, callerAgent: 1, calleeAgent: 1, agentCallee: 1 }],
    ['connected', false, true, 'spy', { ...people, callerAgent: 1, calleeAgent: 1 }],
    ['connected', false, false, null, people],
    ['ended', false, false, null, {}],
  ] as const)(
    'of a call that is %s, ringing %s, with an agent %s, in mode %s',
    (stage, ringing, agentPresent, mode, heard) => {
      expect(lines(matrixOf({ stage, ringing, agentPresent, mode }))).toEqual({ ...silence, ...heard });
    },
  );

  it.each([
    ['nobody', [], [], []],
    ['ringing', [], [], []],
    ['answered', ['agent'], [], ['caller']],
    ['answeredRinging', ['agent'], [], ['caller']],
    ['people', ['callee'], ['caller'], []],
    ['barge', ['callee', 'agent'], ['caller', 'agent'], ['caller', 'callee']],
    ['whisper', ['callee', 'agent'], ['caller', 'agent'], ['callee']],
    ['spy', ['callee', 'agent'], ['caller', 'agent'], []],
  ] as const)('of %s says who hears each speaker, by one object', (name, caller, callee, agent) => {
    const hearing = hearingOf(matrices[name]);
    expect(hearing).toEqual({ caller, callee, agent });
    expect(hearingOf(matrices[name])).toBe(hearing);
  });

  it('says who hears whom also where it is none of its own', () => {
    expect(hearingOf({ ...matrices.nobody, agent: { caller: 1, callee: 0 } })).toEqual({
      caller: [],
      callee: [],
      agent: ['caller'],
    });
  });

  it('tells which changes let somebody hear the agent who did not', () => {
    const modes = ['barge', 'whisper', 'spy'] as const;
    const admitting = modes.flatMap((from) =>
      modes.filter((to) => admitsListener(matrices[from], matrices[to])).map((to) => `${from} to ${to}`),
    );
    expect(admitting).toEqual(['whisper to barge', 'spy to barge', 'spy to whisper']);
  });
});
