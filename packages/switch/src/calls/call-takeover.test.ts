import { tone } from '@agentao/audio';
import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { reach, ringTimeMs, type Situation, twoTalk } from './reached-call.ts';
import { createCallBench, marked, type TestAgent } from './test-bench.ts';
import { answerTimeoutMs } from './caller-line.ts';

const clip = tone({ frequencyHz: 800, durationMs: 500, sampleRateHz: 24_000 });
const short = { limits: { agentlessRingMs: 3_000 }, prompts: { nobodyLeft: clip, shuttingDown: clip } };

/** The two ways in which an agent goes that leave the call to a successor. */
const departures = [
  ['is lost', (_agent: TestAgent, lose: () => void) => lose(), { reason: 'taken_over', by: 'switch' }],
  [
    'hands over',
    (agent: TestAgent) => void agent.run({ type: 'close', handOver: true }),
    { reason: 'left', by: 'agent' },
  ],
] as const;

describe.each(departures)('an agent that %s', (_, go, told) => {
  async function without(situation: Situation, options: Parameters<typeof reach>[1] = {}) {
    const { bench, agent } = await reach(situation, options);
    agent.run({ type: 'context', context: { step: 2 } });
    go(agent, () => bench.call.agentLost());
    return { bench, agent };
  }

  it('in ANSWERED, being the eighth in a row that leaves at once, has the callee rung, and nobody else is sought', async () => {
    const { bench } = await without('ANSWERED');
    for (let successor = 2; successor <= 8; successor++) {
      expect(bench.wants).toHaveLength(successor - 1);
      go(bench.attach(), () => bench.call.agentLost());
    }
    expect(bench.wants).toHaveLength(7);
    await bench.clock.advance(50);
    expect([bench.callee.state, bench.caller.state]).toEqual(['ringing', 'answered']);
    expect(() => bench.attach()).toThrow('takes no agent');
    bench.callee.answer();
    await bench.clock.advance(50);
    expect(await twoTalk(bench)).toBe(true);
  });

  it('in ANSWERED leaves the call to a successor each time, where those before have kept it for a while', async () => {
    const { bench } = await without('ANSWERED');
    for (let successor = 2; successor <= 12; successor++) {
      const heir = bench.attach();
      await bench.clock.advance(successor % 8 === 0 ? limits.takeoverWindowMs : 1);
      go(heir, () => bench.call.agentLost());
    }
    expect([bench.wants.length, bench.callee.state]).toEqual([12, 'idle']);
  });

  it('in PENDING leaves the call to be offered as a new one', async () => {
    const { bench, agent } = await without('PENDING');
    const expected = told.by === 'agent' ? { reason: 'declined', by: 'agent' } : told;
    expect(agent.events).toMatchObject([{ type: 'call.terminated', ...expected }]);
    expect(bench.wants).toEqual([undefined]);
    expect(bench.attach().attachment).toMatchObject({ epoch: 2, state: 'PENDING' });
  });

  it('in PENDING with nobody ready has the callee rung', async () => {
    const { bench } = await without('PENDING');
    bench.call.nobodyReady();
    await bench.clock.advance(50);
    expect([bench.callee.state, bench.caller.state]).toEqual(['ringing', 'dialing']);
  });

  it('in ANSWERED leaves the call to one that takes it over, with state and context, from sample 0 on', async () => {
    const { bench, agent } = await without('ANSWERED');
    expect(agent.events.at(-1)).toMatchObject({ type: 'call.terminated', ...told });
    expect(bench.wants).toEqual([{ state: 'ANSWERED', mode: null, context: { step: 2 } }]);
    expect([bench.call.state, bench.callee.state]).toEqual(['ANSWERED', 'idle']);
    await bench.clock.advance(3_000);
    const heir = bench.attach();
    expect(heir.attachment).toMatchObject({ epoch: 2, state: 'ANSWERED', mode: null, generation: 0, upTo: 4_800 });
    expect(bench.call.takeover).toBeUndefined();
    const fromMs = bench.caller.heardMs;
    heir.say(marked(0, 960), { endOfTrack: true });
    await bench.clock.advance(200);
    expect(heir.told).toContainEqual({ type: 'playout', generation: 0, played: 960 });
    const heard = bench.caller.heard({ fromMs }).filter((sample) => sample !== 0);
    expect([...heard]).toEqual([...marked(0, 960)]);
    expect(heir.heard[0]?.position).toBeGreaterThan(24_000);
    expect(heir.run({ type: 'answer' })).toMatchObject({ error: { code: 'INVALID_STATE' } });
    heir.run({ type: 'connect', ringTimeMs, mode: 'spy' });
    await bench.clock.advance(50);
    bench.callee.answer();
    await bench.clock.advance(50);
    expect(heir.events).toMatchObject([{ type: 'call.connected', mode: 'spy' }]);
    expect(agent.events.filter(({ type }) => type === 'call.terminated')).toHaveLength(1);
  });

  it('in ANSWERED leaves the caller in a silence without a gap, and nobody bothered, while one is sought', async () => {
    const { bench } = await without('ANSWERED');
    const fromMs = bench.caller.heardMs;
    await bench.clock.advance(9_000);
    expect(bench.caller.heardMs - fromMs).toBe(9_000);
    expect(bench.caller.heard({ fromMs }).every((sample) => sample === 0)).toBe(true);
    expect(bench.callee.events).toEqual([]);
  });

  it('in ANSWERED, with nobody found, has the callee rung, and who picks up talks to the caller', async () => {
    const { bench } = await without('ANSWERED');
    bench.call.nobodyReady();
    await bench.clock.advance(350);
    expect(bench.callee.state).toBe('ringing');
    // Nobody talks to the caller any more, so the ring-back is at its full level.
    expect(bench.caller.levelDb({ frequencyHz: 425, fromMs: bench.caller.heardMs - 200 })).toBeCloseTo(-20, 0);
    expect(() => bench.attach()).toThrow('takes no agent');
    bench.callee.answer();
    await bench.clock.advance(50);
    expect(await twoTalk(bench)).toBe(true);
  });

  it('in ANSWERED, with nobody found and a callee that does not answer, leaves a prompt and then the end', async () => {
    const { bench } = await without('ANSWERED', short);
    bench.call.nobodyReady();
    await bench.clock.advance(3_000);
    expect([bench.endings, bench.callee.state]).toEqual([[], 'idle']);
    const fromMs = bench.caller.heardMs;
    await bench.clock.advance(600);
    expect(bench.endings).toEqual([{ reason: 'unanswered', by: 'callee' }]);
    const heard = bench.caller.heard({ fromMs });
    expect([...heard.filter((sample) => sample !== 0)]).toEqual([...clip.filter((sample) => sample !== 0)]);
    await bench.clock.advance(100);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it.each([
    ['refuses', { callee: { reject: true } }, { reason: 'rejected', by: 'callee' }],
    ['cannot be reached', { ring: () => undefined }, { reason: 'unanswered', by: 'switch' }],
  ])('in ANSWERED, with nobody found and a callee that %s, leaves the same', async (_how, options, ending) => {
    const { bench } = await without('ANSWERED', { ...short, ...options });
    bench.call.nobodyReady();
    await bench.clock.advance(500);
    expect([bench.endings, bench.caller.state]).toEqual([[], 'answered']);
    await bench.clock.advance(200);
    expect(bench.endings).toEqual([ending]);
  });

  it('while the callee rings lets it ring, and who picks up talks to the caller', async () => {
    for (const situation of ['rung_pending', 'rung_answered'] as const) {
      const { bench, agent } = await without(situation);
      expect(agent.events.at(-1)).toMatchObject({ type: 'call.terminated', ...told });
      expect([bench.callee.state, bench.wants]).toEqual(['ringing', []]);
      expect(() => bench.attach()).toThrow('takes no agent');
      bench.callee.answer();
      await bench.clock.advance(50);
      expect(await twoTalk(bench)).toBe(true);
      bench.call.end({ reason: 'shutdown', by: 'switch' });
    }
  });

  it('while the callee rings in vain after an answer leaves the call as in ANSWERED', async () => {
    const { bench } = await without('rung_answered', short);
    await bench.clock.advance(ringTimeMs);
    expect(bench.wants).toEqual([{ state: 'ANSWERED', mode: null, context: { step: 2 } }]);
    bench.call.nobodyReady();
    await bench.clock.advance(50);
    expect(bench.callee.state).toBe('ringing');
    await bench.clock.advance(3_000);
    expect(bench.endings).toEqual([]);
    await bench.clock.advance(600);
    expect(bench.endings).toEqual([{ reason: 'unanswered', by: 'callee' }]);
  });

  it('while the callee rings in vain before an answer leaves the call as in PENDING', async () => {
    const { bench } = await without('rung_pending', short);
    bench.callee.reject();
    await bench.clock.advance(10);
    expect(bench.wants).toEqual([undefined]);
    expect(bench.call.state).toBe('PENDING');
    bench.call.nobodyReady();
    await bench.clock.advance(3_010);
    expect(bench.endings).toEqual([{ reason: 'unanswered', by: 'callee' }]);
  });

  it('while the callee rings in vain beyond the longest PENDING leaves the end', async () => {
    const { bench } = await without('rung_pending', { limits: { maxPendingMs: 2_000 } });
    await bench.clock.advance(ringTimeMs);
    expect(bench.wants).toEqual([]);
    expect(bench.endings).toEqual([{ reason: 'timeout', by: 'switch' }]);
  });

  it('in CONNECTED leaves caller and callee talking, and nobody is sought', async () => {
    const { bench, agent } = await without('CONNECTED');
    expect(agent.events.at(-1)).toMatchObject({ type: 'call.terminated', ...told });
    expect([bench.wants, bench.call.state, bench.call.mode]).toEqual([[], 'DISCONNECTED', null]);
    expect(() => bench.attach()).toThrow('takes no agent');
    expect(await twoTalk(bench)).toBe(true);
  });

  it('in CONNECTED leaves the call to one that takes it over where the connector asks for it, in the mode that was', async () => {
    const { bench } = await without('CONNECTED', { takeover: { connected: true }, mode: 'whisper' });
    expect(bench.wants).toEqual([{ state: 'CONNECTED', mode: 'whisper', context: { step: 2 } }]);
    expect(await twoTalk(bench)).toBe(true);
    const heir = bench.attach();
    expect(heir.attachment).toMatchObject({ epoch: 2, state: 'CONNECTED', mode: 'whisper' });
    const from = { caller: bench.caller.heardMs, callee: bench.callee.heardMs };
    heir.say(marked(0, 2_400), { endOfTrack: true });
    await bench.clock.advance(300);
    const count = (samples: Int16Array): number => samples.filter((sample) => sample !== 0).length;
    expect(count(bench.caller.heard({ fromMs: from.caller }))).toBe(0);
    expect(count(bench.callee.heard({ fromMs: from.callee }))).toBe(2_400);
    expect(heir.run({ type: 'mode', mode: 'spy' })).toMatchObject({ ok: true });
  });

  it('in CONNECTED, with nobody found, leaves caller and callee to themselves', async () => {
    const { bench } = await without('CONNECTED', { takeover: { connected: true } });
    bench.call.nobodyReady();
    expect(bench.call.state).toBe('DISCONNECTED');
    expect(() => bench.attach()).toThrow('takes no agent');
    expect(await twoTalk(bench)).toBe(true);
    bench.callee.hangUp();
    await bench.clock.advance(10);
    expect(bench.endings).toEqual([{ reason: 'hangup', by: 'callee' }]);
  });
});

describe('an agent that closes', () => {
  it('in CONNECTED is followed by nobody, whatever the connector asks for', async () => {
    const { bench, agent } = await reach('CONNECTED', { takeover: { connected: true } });
    agent.run({ type: 'close' });
    expect(bench.wants).toEqual([]);
    expect(await twoTalk(bench)).toBe(true);
  });

  it('while the callee rings in vain is followed by nobody: a caller that was answered hears the prompt', async () => {
    const { bench, agent } = await reach('rung_answered', short);
    agent.run({ type: 'close' });
    await bench.clock.advance(ringTimeMs);
    expect([bench.wants, bench.endings]).toEqual([[], []]);
    await bench.clock.advance(600);
    expect(bench.endings).toEqual([{ reason: 'unanswered', by: 'callee' }]);
  });
});

describe('a caller who is being answered for an agent that is lost', () => {
  it('is offered to one that takes over once it is answered', async () => {
    const { bench, agent } = await reach('PENDING', { caller: { answerTakesMs: 500 } });
    agent.run({ type: 'answer' });
    bench.call.agentLost();
    expect(() => bench.attach()).toThrow('takes no agent');
    expect(bench.wants).toEqual([]);
    await bench.clock.advance(600);
    expect(bench.wants).toEqual([{ state: 'ANSWERED', mode: null, context: null }]);
    expect(bench.callee.state).toBe('idle');
  });

  it('and cannot be is offered as a new call', async () => {
    const { bench, agent } = await reach('PENDING', { caller: { answerFails: true } });
    agent.run({ type: 'answer' });
    bench.call.agentLost();
    await bench.clock.advance(50);
    expect(bench.wants).toEqual([undefined]);
  });

  it('and is not in time, and is later, is offered to one that takes over even while it is offered as a new one', async () => {
    const { bench, agent } = await reach('PENDING', { caller: { answerTakesMs: answerTimeoutMs + 1_000 } });
    agent.run({ type: 'answer' });
    bench.call.agentLost();
    await bench.clock.advance(answerTimeoutMs + 1_000);
    expect(bench.wants).toEqual([undefined, { state: 'ANSWERED', mode: null, context: null }]);
  });
});

describe('while one that takes over is sought', () => {
  it('the end of the call ends the search', async () => {
    const { bench } = await reach('ANSWERED');
    bench.call.agentLost();
    bench.caller.hangUp();
    await bench.clock.advance(10);
    expect(bench.endings).toEqual([{ reason: 'hangup', by: 'caller' }]);
    expect([bench.call.takeover, bench.call.state, bench.clock.pendingTimers]).toEqual([undefined, 'DISCONNECTED', 0]);
    bench.call.nobodyReady();
    expect(bench.callee.state).toBe('idle');
    expect(() => bench.attach()).toThrow('takes no agent');
  });

  it('the context can be of any owner: the second hands it on to the third', async () => {
    const { bench, agent } = await reach('ANSWERED');
    agent.run({ type: 'context', context: ['first'] });
    bench.call.agentLost();
    const second = bench.attach();
    second.run({ type: 'context', context: ['second'] });
    bench.call.agentLost();
    expect(bench.wants.at(-1)).toMatchObject({ context: ['second'] });
    expect(bench.attach().attachment.epoch).toBe(3);
    expect(second.events).toMatchObject([{ type: 'call.terminated', reason: 'taken_over', by: 'switch' }]);
  });

  it('an agent of an earlier epoch cannot come back', async () => {
    const { bench, agent } = await reach('ANSWERED');
    bench.call.agentLost();
    const back = { epoch: 1, sinceMs: 0, received: {}, lastEventSeq: 0, generation: 0 };
    expect(bench.call.resume(agent, back, () => undefined)).toBe(false);
    const heir = bench.attach();
    expect(bench.call.resume(agent, back, () => undefined)).toBe(false);
    expect(heir.events).toEqual([]);
  });
});

describe('the prompt', () => {
  it('is cut short by a caller who hangs up', async () => {
    const { bench } = await reach('ANSWERED', { ...short, ring: () => undefined });
    bench.call.agentLost();
    bench.call.nobodyReady();
    await bench.clock.advance(200);
    bench.caller.hangUp();
    await bench.clock.advance(10);
    expect(bench.endings).toEqual([{ reason: 'hangup', by: 'caller' }]);
    expect(bench.clock.pendingTimers).toBe(0);
  });

  it('is not for a caller who was never answered', async () => {
    const bench = createCallBench({ ...short, ring: () => undefined });
    bench.call.nobodyReady();
    expect(bench.endings).toEqual([{ reason: 'unanswered', by: 'switch' }]);
  });

  it('is three rising tones unless told otherwise', async () => {
    const { bench } = await reach('ANSWERED', { ring: () => undefined });
    bench.call.agentLost();
    bench.call.nobodyReady();
    const fromMs = bench.caller.heardMs;
    await bench.clock.advance(3_000);
    const level = (frequencyHz: number, at: number): number =>
      bench.caller.levelDb({ frequencyHz, fromMs: fromMs + at, toMs: fromMs + at + 200 });
    expect([level(950, 100), level(1_400, 430), level(1_800, 760)].every((db) => db > -21)).toBe(true);
    expect(bench.endings).toEqual([{ reason: 'unanswered', by: 'switch' }]);
  });
});
