import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reach, ringTimeMs } from './reached-call.ts';
import { createCallBench, marked, type TestAgent } from './test-bench.ts';

/** Events and responses of the agent behind the first `from`, in one word each. */
function story(agent: TestAgent, from: number): string[] {
  return agent.told.slice(from).flatMap((item) => {
    if (item.type === 'event') return [item.event.type];
    if (item.type === 'response') return [`${item.response.id} ${item.response.ok ? 'ok' : item.response.error.code}`];
    return item.type === 'ended' ? ['ended'] : [];
  });
}

const starts = [
  { state: 'PENDING', rung: 'rung_pending' },
  { state: 'ANSWERED', rung: 'rung_answered' },
] as const;

describe.each(starts)('connect from $state', ({ state, rung }) => {
  /** The call while the callee rings, and what has been told by then. */
  async function ringing(options: Parameters<typeof reach>[1] = {}) {
    const { bench, agent } = await reach(rung, options);
    return { ...bench, bench, agent, connectId: agent.lastId, from: agent.told.length };
  }

  it('rings the callee and lets the caller hear it ring', async () => {
    const { callee, caller, call, clock } = await ringing();
    expect([callee.state, call.ringing, call.state]).toEqual(['ringing', true, state]);
    await clock.advance(400);
    const level = caller.levelDb({ frequencyHz: 425, fromMs: caller.heardMs - 200 });
    expect(level).toBeCloseTo(state === 'ANSWERED' ? -32 : -20, 0);
  });

  it('picked up has all three in conference, in the mode asked for, told by event and then response', async () => {
    const { bench, agent, call, callee, caller, clock, connectId, from } = await ringing({ mode: 'whisper' });
    callee.answer();
    await clock.advance(50);
    expect(story(agent, from)).toEqual(['call.connected', `${connectId} ok`]);
    expect([call.state, call.mode, caller.state]).toEqual(['CONNECTED', 'whisper', 'answered']);
    await clock.advance(6_000);
    expect([bench.endings, call.state]).toEqual([[], 'CONNECTED']);
  });

  it.each<[string, (all: Awaited<ReturnType<typeof ringing>>) => unknown, string, string]>([
    ['nobody picks up', ({ clock }) => clock.advance(ringTimeMs), 'CALL_UNANSWERED', 'unanswered'],
    ['the callee refuses', ({ callee }) => callee.reject(), 'CALL_REJECTED', ''],
    ['the callee is gone', ({ callee }) => callee.hangUp(), 'CALL_REJECTED', ''],
    [
      'the agent cancels',
      ({ agent, connectId }) => agent.run({ type: 'connect.cancel', connectId }),
      'CONNECT_CANCELLED',
      'unanswered',
    ],
  ])('fails where %s: the call is as before, and the next attempt succeeds', async (_, act, code, calleeTold) => {
    const all = await ringing();
    const { agent, call, callee, caller, clock, connectId, from } = all;
    await act(all);
    await clock.advance(10);
    expect(story(agent, from).slice(0, 2)).toEqual(['call.connect_failed', `${connectId} ${code}`]);
    expect([call.state, call.ringing, callee.state]).toEqual([state, false, 'idle']);
    expect(caller.state).toBe(state === 'ANSWERED' ? 'answered' : 'dialing');
    if (calleeTold !== '') expect(callee.events.at(-1)).toMatchObject({ type: 'ended', reason: calleeTold });
    const { heardMs } = caller;
    await clock.advance(200);
    const level = caller.levelDb({ frequencyHz: 425, fromMs: Math.max(0, caller.heardMs - 100) });
    if (state === 'ANSWERED') expect(level).toBeLessThan(-60);
    else expect(caller.heardMs).toBe(heardMs);
    agent.run({ type: 'connect', ringTimeMs, mode: 'spy' });
    await clock.advance(50);
    callee.answer();
    await clock.advance(50);
    expect(story(agent, from).slice(-2)).toEqual(['call.connected', `${agent.lastId} ok`]);
    expect(call.mode).toBe('spy');
  });

  it('that reaches nobody fails at once, and the next attempt may reach somebody', async () => {
    const { bench, agent } = await reach(state, { ring: () => undefined });
    const from = agent.told.length;
    agent.run({ type: 'connect', ringTimeMs, mode: 'barge' });
    expect(story(agent, from)).toEqual(['call.connect_failed', `${agent.lastId} CALLEE_UNREACHABLE`]);
    expect([bench.call.state, bench.call.ringing]).toEqual([state, false]);
  });

  it('ends with the call when the caller gives up, and the callee stops ringing', async () => {
    const { agent, caller, callee, clock, bench, connectId, from } = await ringing();
    caller.hangUp();
    await clock.advance(10);
    expect(story(agent, from)).toEqual(['call.terminated', `${connectId} CALL_ENDED`, 'ended']);
    expect(bench.endings).toEqual([{ reason: 'hangup', by: 'caller' }]);
    expect(callee.events.at(-1)).toEqual({ type: 'ended', reason: 'hangup', by: 'caller' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('picked up by a callee who is gone in the same moment is decided once', async () => {
    const { agent, callee, clock, bench, from } = await ringing();
    callee.answer();
    callee.hangUp();
    await clock.advance(50);
    const ends = story(agent, from).filter((word) => word === 'call.connect_failed' || word === 'call.terminated');
    expect(ends).toHaveLength(1);
    bench.call.end({ reason: 'shutdown', by: 'switch' });
    await clock.advance(50);
    expect(clock.pendingTimers).toBe(0);
  });

  it('cancelled in the very tick in which it is picked up is decided once', async () => {
    const { agent, callee, clock, call, connectId, from } = await ringing();
    callee.answer();
    agent.run({ type: 'connect.cancel', connectId });
    await clock.advance(50);
    const failed = ['call.connect_failed', `${connectId} CONNECT_CANCELLED`, `${agent.lastId} ok`];
    expect(story(agent, from)).toEqual(failed);
    expect([call.state, callee.state]).toEqual([state, 'idle']);
  });

  it('rings for its time to the tick, whatever the time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1_000, max: 120_000 }), async (timeMs) => {
        const { bench, agent } = await reach(state, { limits: { maxPendingMs: 200_000 } });
        const startMs = bench.clock.now();
        agent.run({ type: 'connect', ringTimeMs: timeMs, mode: 'barge' });
        await bench.clock.advance(timeMs - 1);
        expect([bench.callee.state, bench.call.ringing]).toEqual(['ringing', true]);
        await bench.clock.advance(1);
        const failure = agent.events.at(-1);
        expect(failure).toMatchObject({ type: 'call.connect_failed', errorCode: 'CALL_UNANSWERED' });
        expect(Math.abs((failure?.atMs ?? 0) - startMs - timeMs)).toBeLessThanOrEqual(20);
        bench.call.end({ reason: 'shutdown', by: 'switch' });
      }),
      { numRuns: 10 },
    );
  });
});

describe('the agent while the callee rings', () => {
  it('goes on talking to a caller who was answered', async () => {
    const { bench, agent } = await reach('rung_answered');
    const fromMs = bench.caller.heardMs;
    agent.heard.length = 0;
    agent.say(marked(0, 4_800), { endOfTrack: true });
    bench.caller.say(marked(10_000, 960));
    await bench.clock.advance(400);
    expect(agent.told).toContainEqual({ type: 'playout', generation: 0, played: 4_800 });
    expect(bench.caller.levelDb({ frequencyHz: 425, fromMs })).toBeGreaterThan(-40);
    const heard = agent.heard.flatMap(({ samples }) => [...samples]).filter((sample) => sample !== 0);
    expect(heard).toEqual([...marked(10_000, 960)]);
  });

  it('is not heard by a caller who was not, who hears it ring alone', async () => {
    const { bench, agent } = await reach('rung_pending');
    agent.say(marked(0, 4_800));
    await bench.clock.advance(400);
    expect(agent.told.some((item) => item.type === 'playout' && item.played > 0)).toBe(false);
    expect(agent.heard).toEqual([]);
  });
});

describe('a callee', () => {
  it('who hangs up in conference ends the call for all', async () => {
    const { bench, agent } = await reach('CONNECTED');
    bench.callee.hangUp();
    await bench.clock.advance(10);
    expect(agent.events.at(-1)).toMatchObject({ type: 'call.terminated', reason: 'hangup', by: 'callee' });
    expect([bench.caller.state, bench.endings]).toEqual(['idle', [{ reason: 'hangup', by: 'callee' }]]);
  });

  it('who is busy has refused', async () => {
    const bench = createCallBench();
    bench.callee.dial('+15550002');
    const agent = bench.attach();
    agent.run({ type: 'connect', ringTimeMs, mode: 'barge' });
    await bench.clock.advance(10);
    expect(story(agent, 0)).toEqual(['call.connect_failed', '1 CALL_REJECTED']);
  });
});
