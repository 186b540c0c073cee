import { describe, expect, it } from 'vitest';
import { type BenchOptions, type CallBench, createCallBench, marked, type TestAgent } from './test-bench.ts';

interface Reached {
  readonly bench: CallBench;
  readonly agent: TestAgent;
}

async function waiting(options: BenchOptions = {}): Promise<Reached> {
  const bench = createCallBench(options);
  return { bench, agent: bench.attach() };
}

async function answered(options: BenchOptions = {}): Promise<Reached> {
  const { bench, agent } = await waiting(options);
  agent.run({ type: 'answer' });
  await bench.clock.advance(50);
  return { bench, agent };
}

async function ringing(options: BenchOptions = {}): Promise<Reached> {
  const { bench, agent } = await answered(options);
  agent.run({ type: 'connect', ringTimeMs: 5000, mode: 'barge' });
  await bench.clock.advance(50);
  return { bench, agent };
}

async function connected(): Promise<Reached> {
  const { bench, agent } = await ringing();
  bench.callee.answer();
  await bench.clock.advance(50);
  return { bench, agent };
}

/** Whether caller and callee hear each other, and nothing else, from now on. */
async function expectTwoTalk({ caller, callee, clock }: CallBench): Promise<void> {
  const from = { caller: caller.heardMs, callee: callee.heardMs };
  caller.say(marked(0, 4800));
  callee.say(marked(10_000, 4800));
  await clock.advance(400);
  const sounds = (samples: Int16Array): number[] => [...samples].filter((sample) => sample !== 0);
  expect(sounds(callee.heard({ fromMs: from.callee })).slice(200)).toEqual([...marked(200, 4600)]);
  expect(sounds(caller.heard({ fromMs: from.caller })).slice(200)).toEqual([...marked(10_200, 4600)]);
}

describe('an agent that closes', () => {
  it('in PENDING declines: another one is asked for', async () => {
    const { bench, agent } = await waiting();
    expect(agent.run({ type: 'close' })).toMatchObject({ ok: true });
    expect(agent.events).toMatchObject([{ type: 'call.terminated', reason: 'declined', by: 'agent' }]);
    expect(bench.wanted).toBe(1);
    expect(bench.call.state).toBe('PENDING');
    const next = bench.attach();
    next.run({ type: 'answer' });
    await bench.clock.advance(50);
    expect(next.events).toMatchObject([{ type: 'call.answered' }]);
  });

  it('after answer alone ends the call', async () => {
    const { bench, agent } = await answered();
    agent.run({ type: 'close' });
    expect(bench.endings).toEqual([{ reason: 'left', by: 'agent' }]);
    expect(agent.events.at(-1)).toMatchObject({ type: 'call.terminated', reason: 'left', by: 'agent' });
  });

  it('while the callee rings lets it ring, and who picks up talks to the caller', async () => {
    const { bench, agent } = await ringing();
    agent.run({ type: 'close' });
    expect(agent.told.slice(-4).map((item) => item.type)).toEqual(['event', 'response', 'response', 'ended']);
    expect(agent.responseTo(2)).toMatchObject({ ok: false, error: { code: 'CALL_ENDED' } });
    expect(bench.call.ringing).toBe(true);
    bench.callee.answer();
    await bench.clock.advance(50);
    await expectTwoTalk(bench);
  });

  it('in conference leaves caller and callee talking, and none of its audio is heard any more', async () => {
    const { bench, agent } = await connected();
    agent.say(marked(0, 4800));
    await bench.clock.advance(40);
    agent.run({ type: 'close' });
    expect(agent.told.at(-1)).toEqual({ type: 'ended' });
    expect(bench.endings).toEqual([]);
    expect(bench.call.state).toBe('DISCONNECTED');
    expect(bench.call.mode).toBeNull();
    await expectTwoTalk(bench);
    bench.callee.hangUp();
    await bench.clock.advance(10);
    expect(bench.endings).toEqual([{ reason: 'hangup', by: 'callee' }]);
    expect(agent.events.filter(({ type }) => type === 'call.terminated')).toHaveLength(1);
  });
});

describe('an agent that is lost', () => {
  it('in PENDING is replaced by another', async () => {
    const { bench, agent } = await waiting();
    bench.call.agentLost();
    expect(bench.wanted).toBe(1);
    expect(agent.events).toMatchObject([{ type: 'call.terminated', reason: 'media_lost', by: 'switch' }]);
    bench.attach();
  });

  it('in ANSWERED has the callee rung', async () => {
    const { bench } = await answered();
    bench.call.agentLost();
    await bench.clock.advance(50);
    expect(bench.callee.state).toBe('ringing');
    // Nobody talks to the caller any more, so the ring-back is at its full level.
    await bench.clock.advance(300);
    expect(bench.caller.levelDb({ frequencyHz: 425, fromMs: bench.caller.heardMs - 200 })).toBeCloseTo(-20, 0);
    bench.callee.answer();
    await bench.clock.advance(50);
    await expectTwoTalk(bench);
  });

  it('in ANSWERED with a callee that does not answer leads to the end', async () => {
    const { bench } = await answered({ limits: { agentlessRingMs: 3000 } });
    bench.call.agentLost();
    await bench.clock.advance(3000);
    expect(bench.endings).toEqual([{ reason: 'unanswered', by: 'callee' }]);
  });

  it('while the callee rings lets it ring; unanswered, the call ends', async () => {
    const { bench } = await ringing();
    bench.call.agentLost();
    expect(bench.callee.state).toBe('ringing');
    expect(bench.call.attach(bench as never)).toBeUndefined();
    await bench.clock.advance(5000);
    expect(bench.endings).toEqual([{ reason: 'unanswered', by: 'callee' }]);
  });

  it('in conference leaves the two talking, with its queued audio dropped', async () => {
    const { bench, agent } = await connected();
    agent.say(marked(0, 4800));
    await bench.clock.advance(40);
    bench.call.agentLost();
    await expectTwoTalk(bench);
  });

  it('while the caller is being answered leads to the callee, once the caller is', async () => {
    const { bench, agent } = await waiting({ caller: { answerTakesMs: 500 } });
    agent.run({ type: 'answer' });
    bench.call.agentLost();
    expect(bench.call.attach(agent)).toBeUndefined();
    await bench.clock.advance(600);
    expect(bench.wanted).toBe(0);
    expect(bench.callee.state).toBe('ringing');
  });

  it('while the caller cannot be answered leads to another agent', async () => {
    const { bench, agent } = await waiting({ caller: { answerFails: true } });
    agent.run({ type: 'answer' });
    bench.call.agentLost();
    await bench.clock.advance(50);
    expect(bench.wanted).toBe(1);
  });
});

describe('a call that nobody takes', () => {
  it('rings the callee, who picks up and talks to the caller', async () => {
    const bench = createCallBench({ callee: { answerAfterMs: 300 } });
    bench.call.nobodyReady();
    await bench.clock.advance(200);
    expect(bench.caller.levelDb({ frequencyHz: 425 })).toBeGreaterThan(-25);
    expect(bench.caller.state).toBe('dialing');
    await bench.clock.advance(200);
    expect(bench.caller.state).toBe('answered');
    await expectTwoTalk(bench);
  });

  it.each([
    ['does not pick up', {}, { reason: 'unanswered', by: 'callee' }],
    ['refuses', { callee: { reject: true } }, { reason: 'rejected', by: 'callee' }],
    ['cannot be reached', { ring: () => undefined }, { reason: 'unanswered', by: 'switch' }],
    [
      'picks up, but the caller cannot be answered',
      { caller: { answerFails: true }, callee: { answerAfterMs: 10 } },
      { reason: 'failed', by: 'switch' },
    ],
  ] as const)('ends where the callee %s', async (_, options, ending) => {
    const bench = createCallBench({ ...options, limits: { agentlessRingMs: 2000 } });
    bench.call.nobodyReady();
    await bench.clock.advance(3000);
    expect(bench.endings).toEqual([ending]);
    expect(bench.caller.state).toBe('idle');
    expect(bench.callee.state).toBe('idle');
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('is one only while it waits for an agent', async () => {
    const { bench } = await answered();
    bench.call.nobodyReady();
    expect(bench.call.ringing).toBe(false);
  });
});
