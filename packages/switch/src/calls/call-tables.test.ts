import type { AgentState, CallEventMessage } from '@agentao/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AgentTrigger,
  agentTransitions,
  agentVerbs,
  type AgentVerb,
  allowsVerb,
  nextAgentState,
} from './agent-table.ts';
import { aftermaths, type CallStage, type CallTransition, callTransitions, nextCallStage } from './call-table.ts';
import { createCallBench, type TestAgent } from './test-bench.ts';

const triggerOf: { readonly [Type in CallEventMessage['type']]?: AgentTrigger } = {
  'call.answered': 'answered',
  'call.answer_failed': 'answer_failed',
  'call.connected': 'connected',
  'call.connect_failed': 'connect_failed',
  'call.mode_changed': 'mode_changed',
  'call.terminated': 'terminated',
};

const arrivals: ReadonlyMap<AgentState, AgentTrigger> = new Map([
  ['PENDING', 'accepted'],
  ['ANSWERED', 'taken_over_answered'],
  ['CONNECTED', 'taken_over_connected'],
]);

type CallAct = 'agentLost' | 'nobodyReady' | 'forceDisconnect' | 'attach' | 'replace';

type Step =
  | { readonly do: 'verb'; readonly verb: AgentVerb }
  | { readonly do: 'caller' | 'callee'; readonly act: 'answer' | 'hangUp' | 'press' }
  | { readonly do: 'call'; readonly act: CallAct }
  | { readonly do: 'wait'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('verb' as const),
      verb: fc.constantFrom(...(Object.keys(agentVerbs) as AgentVerb[])),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 120 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('callee' as const),
      act: fc.constantFrom('answer' as const, 'answer' as const, 'hangUp' as const, 'press' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('caller' as const),
      act: fc.constantFrom('hangUp' as const, 'press' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      act: fc.constantFrom<CallAct>('agentLost', 'nobodyReady', 'forceDisconnect', 'attach', 'replace', 'replace'),
    }),
  },
);
/** How a run begins: anywhere, or in conference. */
const beginning = fc.constantFrom<readonly Step[]>(
  [],
  [
    { do: 'verb', verb: 'connect' },
    { do: 'wait', ms: 20 },
    { do: 'callee', act: 'answer' },
    { do: 'wait', ms: 100 },
  ],
);
const behaviour = fc.record({
  takeover: fc.record({ connected: fc.boolean() }),
  caller: fc.constantFrom({}, {}, { answerFails: true }, { answerTakesMs: 60 }),
  callee: fc.constantFrom({}, {}, { reject: true }, { answerAfterMs: 90 }),
});

function run(agent: TestAgent, verb: AgentVerb): void {
  switch (verb) {
    case 'connect':
      return void agent.run({ type: verb, ringTimeMs: 200, mode: 'whisper' });
    case 'connect.cancel':
      return void agent.run({ type: verb, connectId: agent.lastId });
    case 'mode':
      return void agent.run(
        agent.lastId % 2 === 0
          ? { type: verb, mode: 'barge', afterPosition: 1e6 }
          : { type: verb, mode: 'spy', discard: agent.discard() },
      );
    case 'clear':
      return void agent.run({ type: verb, ...agent.discard() });
    case 'dtmf':
      return void agent.run({ type: verb, digits: '1' });
    case 'tracks':
      return void agent.run({ type: verb, tracks: ['mix'] });
    case 'context':
      return void agent.run({ type: verb, context: null });
    case 'annotate':
      return void agent.run({ type: verb, kind: 'note', data: 1 });
    case 'answer':
    case 'disconnect':
      return void agent.run({ type: verb });
    case 'close':
      return void agent.run(agent.lastId % 3 === 0 ? { type: verb } : { type: verb, handOver: true });
  }
}

/** Plays the steps on a fresh call, then ends it; returns the rows of both tables that were walked. */
async function play(
  steps: readonly Step[],
  options: Parameters<typeof createCallBench>[0],
): Promise<{ agent: Set<string>; call: Set<string> }> {
  const bench = createCallBench(options);
  const { call, clock } = bench;
  const agents = [bench.attach()];
  const current = (): TestAgent => agents.at(-1) as TestAgent;

  for (const next of steps) {
    if (next.do === 'wait') await clock.advance(next.ms);
    else if (next.do === 'verb') {
      const gone = current().told.at(-1)?.type === 'ended';
      const allowed = allowsVerb(next.verb, call.state, call.ringing);
      run(current(), next.verb);
      const response = current().responseTo(current().lastId);
      if (gone) expect(response).toBeUndefined();
      else if (!allowed) expect(response).toMatchObject({ error: { code: 'INVALID_STATE' } });
      // A second answer while the first is under way is refused beside the table.
      else if (next.verb !== 'answer') expect(response?.ok === false && response.error.code).not.toBe('INVALID_STATE');
    } else if (next.do === 'call') {
      if (next.act === 'replace') call.agentLost();
      else if (next.act !== 'attach') call[next.act]();
      const wanted = current().told.at(-1)?.type === 'ended' && call.state !== 'DISCONNECTED';
      if (wanted && (next.act === 'attach' || next.act === 'replace')) {
        try {
          agents.push(bench.attach());
        } catch {
          // The caller is being answered, and what comes of that is awaited first.
        }
      }
    } else if (next.act === 'hangUp') bench[next.do].hangUp();
    else if (next.act === 'press') bench[next.do].press('1');
    else if (bench.callee.state === 'ringing') bench.callee.answer();
    await clock.advance(0);
  }
  call.end({ reason: 'shutdown', by: 'switch' });
  await clock.advance(200);

  expect(bench.endings).toHaveLength(1);
  expect(clock.pendingTimers).toBe(0);
  const walked = { agent: new Set<string>(), call: new Set<string>() };
  for (const agent of agents) {
    const { state: start } = agent.attachment;
    const arrival = arrivals.get(start) ?? 'terminated';
    let state: AgentState = nextAgentState(null, arrival);
    expect(state).toBe(start);
    walked.agent.add(`null ${arrival}`);
    for (const { type } of agent.events) {
      const trigger = triggerOf[type];
      if (trigger === undefined) continue;
      walked.agent.add(`${state} ${trigger}`);
      state = nextAgentState(state, trigger);
    }
    expect(state).toBe('DISCONNECTED');
    expect(agent.events.filter(({ type }) => type === 'call.terminated')).toHaveLength(1);
    expect(agent.events.at(-1)?.type).toBe('call.terminated');
    expect(agent.told.at(-1)).toEqual({ type: 'ended' });
    const answered = agent.told.flatMap((item) => (item.type === 'response' ? [item.response.id] : []));
    expect(new Set(answered).size).toBe(answered.length);
    const last = agent.told.findIndex((item) => item.type === 'ended');
    expect(last).toBe(agent.told.length - 1);
    for (let id = 1; id <= (answered.length === 0 ? 0 : Math.max(...answered)); id++) expect(answered).toContain(id);
  }
  let stage: CallStage = 'waiting';
  for (const entry of bench.timeline) {
    const seen = entry['stage'];
    if (entry.kind !== 'state' || seen === stage) continue;
    const row: CallTransition | undefined = callTransitions.find(({ from, to }) => from === stage && to === seen);
    expect(row, `${stage} to ${String(seen)}`).toBeDefined();
    if (row === undefined) break;
    walked.call.add(`${row.from} ${row.trigger}`);
    stage = row.to;
  }
  return walked;
}

describe('the tables of the call model', () => {
  it('are what the code does: every command is answered once as they say, and each agent sees one end', async () => {
    await fc.assert(
      fc.asyncProperty(
        beginning,
        fc.array(step, { minLength: 5, maxLength: 25 }),
        behaviour,
        async (first, steps, options) => {
          await play([...first, ...steps], options);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('have no row that never happens', async () => {
    const walked = { agent: new Set<string>(), call: new Set<string>() };
    const samples = fc.sample(fc.tuple(beginning, fc.array(step, { minLength: 12, maxLength: 25 }), behaviour), {
      numRuns: 600,
      seed: 7,
    });
    for (const [first, steps, options] of samples) {
      const { agent, call } = await play([...first, ...steps], options);
      for (const row of agent) walked.agent.add(row);
      for (const row of call) walked.call.add(row);
    }
    expect([...walked.agent].toSorted()).toEqual(
      agentTransitions.map(({ from, trigger }) => `${from} ${trigger}`).toSorted(),
    );
    expect([...walked.call].toSorted()).toEqual(
      callTransitions.map(({ from, trigger }) => `${from} ${trigger}`).toSorted(),
    );
  });

  it('refuse a step that is in neither', () => {
    expect(() => nextAgentState('DISCONNECTED', 'answered')).toThrow(/no row/);
    expect(() => nextCallStage('ended', 'caller_answered')).toThrow(/no row/);
  });

  it('know what becomes of a call wherever its agent leaves it', () => {
    expect(aftermaths).toEqual({
      close: { waiting: 'offer', answered: 'end', ringing: 'go_on', connected: 'go_on' },
      hand_over: { waiting: 'offer', answered: 'seek', ringing: 'go_on', connected: 'go_on' },
      lost: { waiting: 'offer', answered: 'seek', ringing: 'go_on', connected: 'go_on' },
    });
  });
});
