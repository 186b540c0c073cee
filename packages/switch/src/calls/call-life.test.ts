import { describe, expect, it } from 'vitest';
import { answerTimeoutMs } from './caller-line.ts';
import { createCallBench, marked, type TestAgent } from './test-bench.ts';

/** Events and responses in the order they came, in one word each. */
function story(agent: TestAgent): string[] {
  return agent.told.flatMap((item) => {
    if (item.type === 'event') return [item.event.type];
    if (item.type === 'response') return [`${item.response.id} ${item.response.ok ? 'ok' : item.response.error.code}`];
    return item.type === 'ended' ? ['ended'] : [];
  });
}

async function ringing(options: Parameters<typeof createCallBench>[0] = {}) {
  const bench = createCallBench(options);
  const agent = bench.attach();
  agent.run({ type: 'connect', ringTimeMs: 10_000, mode: 'barge' });
  await bench.clock.advance(100);
  return { ...bench, bench, agent };
}

async function answered() {
  const bench = createCallBench();
  const agent = bench.attach();
  agent.run({ type: 'answer' });
  await bench.clock.advance(100);
  return { ...bench, bench, agent };
}

async function connected() {
  const all = await ringing();
  all.callee.answer();
  await all.clock.advance(100);
  expect(all.bench.call.state).toBe('CONNECTED');
  return all;
}

describe('answer', () => {
  it('opens the line to the caller, and tells the event before the response', async () => {
    const { agent, call, caller } = await answered();
    expect(story(agent)).toEqual(['call.answered', '1 ok']);
    expect(call.state).toBe('ANSWERED');
    expect(caller.state).toBe('answered');
  });

  it('leaves the call PENDING where the phone cannot be answered', async () => {
    const bench = createCallBench({ caller: { answerFails: true } });
    const agent = bench.attach();
    agent.run({ type: 'answer' });
    await bench.clock.advance(100);
    expect(story(agent)).toEqual(['call.answer_failed', '1 ANSWER_FAILED']);
    expect(bench.call.state).toBe('PENDING');
    agent.run({ type: 'answer' });
    await bench.clock.advance(100);
    expect(story(agent).slice(2)).toEqual(['call.answer_failed', '2 ANSWER_FAILED']);
  });

  it('is refused while another is under way', async () => {
    const bench = createCallBench();
    const agent = bench.attach();
    agent.run({ type: 'answer' });
    expect(agent.run({ type: 'answer' })).toMatchObject({ ok: false, error: { code: 'INVALID_STATE' } });
    await bench.clock.advance(100);
    expect(story(agent)).toEqual(['2 INVALID_STATE', 'call.answered', '1 ok']);
  });

  it('fails after its deadline, and a line that opens later is told as an event', async () => {
    const bench = createCallBench({ caller: { answerTakesMs: answerTimeoutMs + 1000 } });
    const agent = bench.attach();
    agent.run({ type: 'answer' });
    await bench.clock.advance(answerTimeoutMs);
    expect(story(agent)).toEqual(['call.answer_failed', '1 ANSWER_FAILED']);
    await bench.clock.advance(1000);
    expect(story(agent).slice(2)).toEqual(['call.answered']);
    expect(bench.call.state).toBe('ANSWERED');
  });
});

describe('connect', () => {
  it('rings the callee with the number of the caller, and the caller hears it ring', async () => {
    const { callee, caller, call, clock } = await ringing();
    expect(callee.events).toEqual([{ type: 'ringing', from: caller.number }]);
    expect(call.ringing).toBe(true);
    await clock.advance(400);
    expect(caller.state).toBe('dialing');
    expect(caller.levelDb({ frequencyHz: 425 })).toBeGreaterThan(-25);
  });

  it('answers the caller when the callee picks up, and all three are connected', async () => {
    const { agent, call, caller } = await connected();
    expect(story(agent)).toEqual(['call.connected', '1 ok']);
    expect(call.mode).toBe('barge');
    expect(caller.state).toBe('answered');
  });

  it('follows an answer that comes while it rings', async () => {
    const { agent, callee, clock } = await ringing();
    agent.run({ type: 'answer' });
    await clock.advance(50);
    callee.answer();
    await clock.advance(50);
    expect(story(agent)).toEqual(['call.answered', '2 ok', 'call.connected', '1 ok']);
  });

  it('tells an answer first where both succeed in one moment', async () => {
    const { agent, callee, clock } = await ringing();
    callee.answer();
    agent.run({ type: 'answer' });
    await clock.advance(50);
    expect(story(agent)).toEqual(['call.answered', '2 ok', 'call.connected', '1 ok']);
  });

  it('fails when the callee refuses, is busy, or cannot be reached', async () => {
    const refusing = await ringing({ callee: { reject: true } });
    expect(story(refusing.agent)).toEqual(['call.connect_failed', '1 CALL_REJECTED']);
    const busy = createCallBench();
    busy.callee.dial('+15550002');
    const refused = busy.attach();
    refused.run({ type: 'connect', ringTimeMs: 10_000, mode: 'barge' });
    await busy.clock.advance(10);
    expect(story(refused)).toEqual(['call.connect_failed', '1 CALL_REJECTED']);
    const unreachable = await ringing({ ring: () => undefined });
    expect(story(unreachable.agent)).toEqual(['call.connect_failed', '1 CALLEE_UNREACHABLE']);
    const throwing = await ringing({
      ring: () => {
        throw new Error('the provider is broken');
      },
    });
    expect(story(throwing.agent)).toEqual(['call.connect_failed', '1 CALLEE_UNREACHABLE']);
  });

  it('fails, and the callee is hung up, where the caller cannot be answered', async () => {
    const { agent, call, callee, clock } = await ringing({ caller: { answerFails: true } });
    callee.answer();
    await clock.advance(50);
    expect(story(agent)).toEqual(['call.connect_failed', '1 ANSWER_FAILED']);
    expect(callee.state).toBe('idle');
    expect(call.state).toBe('PENDING');
    const { heardMs } = callee;
    agent.run({ type: 'connect', ringTimeMs: 1000, mode: 'barge' });
    await clock.advance(200);
    expect(callee.state).toBe('ringing');
    expect(callee.heardMs).toBe(heardMs);
  });

  it('is cancelled by its id, and the callee stops ringing', async () => {
    const { agent, callee, call } = await ringing();
    expect(agent.run({ type: 'connect.cancel', connectId: 7 })).toMatchObject({
      ok: false,
      error: { code: 'BAD_ARGUMENT' },
    });
    agent.run({ type: 'connect.cancel', connectId: 1 });
    expect(story(agent)).toEqual(['2 BAD_ARGUMENT', 'call.connect_failed', '1 CONNECT_CANCELLED', '3 ok']);
    expect(callee.state).toBe('idle');
    expect(call.ringing).toBe(false);
    expect(agent.run({ type: 'connect.cancel', connectId: 1 })).toMatchObject({
      ok: false,
      error: { code: 'INVALID_STATE' },
    });
  });

  it('lets no second one begin, nor a mode', async () => {
    const { agent } = await ringing();
    agent.run({ type: 'connect', ringTimeMs: 1000, mode: 'barge' });
    agent.run({ type: 'mode', mode: 'spy' });
    expect(story(agent)).toEqual(['2 INVALID_STATE', '3 INVALID_STATE']);
  });
});

describe('the end of a call', () => {
  it.each(['caller', 'callee'] as const)('comes when the %s hangs up in conference', async (party) => {
    const all = await connected();
    all[party].hangUp();
    await all.clock.advance(10);
    expect(all.endings).toEqual([{ reason: 'hangup', by: party }]);
    expect(all.agent.events.at(-1)).toMatchObject({ type: 'call.terminated', reason: 'hangup', by: party });
    expect(all.caller.state).toBe('idle');
    expect(all.callee.state).toBe('idle');
    expect(all.bench.call.state).toBe('DISCONNECTED');
  });

  it('comes for all by disconnect, which answers after the terminal event', async () => {
    const { agent, bench, caller, callee, clock } = await connected();
    agent.run({ type: 'disconnect' });
    expect(story(agent).slice(2)).toEqual(['call.terminated', '2 ok', 'ended']);
    expect(bench.endings).toEqual([{ reason: 'disconnected', by: 'agent' }]);
    await clock.advance(100);
    for (const phone of [caller, callee]) {
      expect(phone.events.at(-1)).toEqual({ type: 'ended', reason: 'disconnected', by: 'agent' });
    }
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects a caller that was never answered', async () => {
    const { caller, clock, ...bench } = createCallBench();
    bench.attach().run({ type: 'disconnect' });
    expect(caller.events).toEqual([{ type: 'ended', reason: 'disconnected', by: 'agent' }]);
    await clock.advance(10);
    expect(bench.endings).toHaveLength(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is the same by force', async () => {
    const { agent, bench } = await connected();
    bench.call.forceDisconnect();
    bench.call.forceDisconnect();
    expect(story(agent).slice(2)).toEqual(['call.terminated', 'ended']);
    expect(bench.endings).toEqual([{ reason: 'disconnected', by: 'agent' }]);
  });

  it('comes once, whatever else ends it', async () => {
    const { agent, bench } = await connected();
    bench.call.end({ reason: 'shutdown', by: 'switch' });
    bench.call.end({ reason: 'timeout', by: 'switch' });
    bench.call.agentLost();
    bench.call.nobodyReady();
    expect(bench.endings).toEqual([{ reason: 'shutdown', by: 'switch' }]);
    expect(agent.events.filter(({ type }) => type === 'call.terminated')).toHaveLength(1);
    expect(bench.call.attach(agent)).toBeUndefined();
  });

  it('comes after the longest PENDING, counted from the arrival', async () => {
    const bench = createCallBench({ limits: { maxPendingMs: 3000 } });
    const agent = bench.attach();
    await bench.clock.advance(2999);
    expect(bench.endings).toEqual([]);
    await bench.clock.advance(1);
    expect(bench.endings).toEqual([{ reason: 'timeout', by: 'switch' }]);
    expect(agent.events).toMatchObject([{ type: 'call.terminated', reason: 'timeout', by: 'switch', atMs: 3000 }]);
  });

  it('waits for a ringing that goes on beyond the longest PENDING', async () => {
    const { bench, callee, clock } = await ringing({ limits: { maxPendingMs: 3000 } });
    await clock.advance(5000);
    expect(bench.endings).toEqual([]);
    callee.reject();
    await clock.advance(10);
    expect(bench.endings).toEqual([{ reason: 'timeout', by: 'switch' }]);
  });

  it('comes after the longest call', async () => {
    const bench = createCallBench({ limits: { maxCallMs: 5000 } });
    const agent = bench.attach();
    agent.run({ type: 'answer' });
    await bench.clock.advance(5000);
    expect(bench.endings).toEqual([{ reason: 'timeout', by: 'switch' }]);
    expect(story(agent)).toEqual(['call.answered', '1 ok', 'call.terminated', 'ended']);
  });
});

describe('a command', () => {
  it('that is repeated is answered as the first time and not run again', async () => {
    const { agent, bench } = await answered();
    const { call } = bench;
    call.command({ type: 'answer', id: 1 });
    expect(story(agent)).toEqual(['call.answered', '1 ok', '1 ok']);
    call.command({ type: 'connect', id: 9, ringTimeMs: 1000, mode: 'barge' });
    call.command({ type: 'connect', id: 9, ringTimeMs: 1000, mode: 'barge' });
    await bench.clock.advance(100);
    expect(bench.callee.events).toHaveLength(1);
    bench.callee.answer();
    await bench.clock.advance(100);
    expect(story(agent).slice(3)).toEqual(['call.connected', '9 ok']);
  });

  it.each(['mode', 'dtmf'] as const)('%s is refused before its state', (type) => {
    const bench = createCallBench();
    const agent = bench.attach();
    const response = type === 'mode' ? agent.run({ type, mode: 'spy' }) : agent.run({ type, digits: '1' });
    expect(response).toMatchObject({ ok: false, error: { code: 'INVALID_STATE' } });
  });

  it('clear in PENDING drops what was queued before the answer', async () => {
    const bench = createCallBench();
    const agent = bench.attach();
    agent.say(marked(0, 4800));
    expect(agent.run({ type: 'clear', ...agent.discard() })).toMatchObject({
      result: { position: 0, clearedSamples: 4800 },
    });
    agent.run({ type: 'answer' });
    agent.say(marked(4800, 960), { endOfTrack: true });
    await bench.clock.advance(100);
    expect([...bench.caller.heard()].filter((sample) => sample !== 0)).toEqual([...marked(4800, 960)]);
  });

  it('clear with a position that does not follow is refused, and nothing is dropped', async () => {
    const { agent, bench } = await answered();
    agent.say(marked(0, 4800));
    expect(agent.run({ type: 'clear', generation: 2, position: 4800 })).toMatchObject({
      error: { code: 'BAD_ARGUMENT' },
    });
    await bench.clock.advance(300);
    expect([...bench.caller.heard()].filter((sample) => sample !== 0)).toHaveLength(4800);
  });

  it('context and annotate are kept with the call, within their bounds', async () => {
    const { agent, bench, call } = await answered();
    expect(agent.run({ type: 'context', context: { step: 2 } })).toMatchObject({ ok: true });
    expect(agent.run({ type: 'context', context: 'x'.repeat(70_000) })).toMatchObject({
      error: { code: 'BAD_ARGUMENT' },
    });
    expect(call.context).toEqual({ step: 2 });
    expect(agent.run({ type: 'annotate', kind: 'turn', data: { text: 'hello' } })).toMatchObject({ ok: true });
    expect(agent.run({ type: 'annotate', kind: 'turn', data: 'x'.repeat(20_000) })).toMatchObject({
      error: { code: 'BAD_ARGUMENT' },
    });
    expect(call.annotations).toEqual([{ atMs: 100, kind: 'turn', data: { text: 'hello' } }]);
    let refused = 0;
    for (let n = 0; n < 20; n++) {
      if (!agent.run({ type: 'annotate', kind: 'turn', data: 'x'.repeat(16_000) })?.ok) refused++;
    }
    expect(refused).toBe(4);
    const notes = bench.timeline.filter(({ kind }) => kind === 'note');
    expect(notes).toHaveLength(17);
    expect(notes.slice(0, 2)).toMatchObject([{ note: 'turn', data: { text: 'hello' } }, { note: 'turn' }]);
    expect(notes[1]).not.toHaveProperty('data');
  });
});

describe('keys', () => {
  it('pressed by a party are told to the agent and passed on to the other party', async () => {
    const { agent, bench, caller, callee, clock } = await connected();
    caller.press('5', { durationMs: 80 });
    callee.press('#');
    await clock.advance(150);
    expect(agent.events.slice(1)).toMatchObject([
      { type: 'call.dtmf', party: 'caller', digit: '5', durationMs: 80 },
      { type: 'call.dtmf', party: 'callee', digit: '#', durationMs: 100 },
    ]);
    expect(callee.events.at(-1)).toEqual({ type: 'dtmf', digits: '5' });
    expect(caller.events.at(-1)).toEqual({ type: 'dtmf', digits: '#' });
    expect(JSON.stringify(bench.timeline)).not.toContain('digit');
  });

  it('of the agent go to those who hear it', async () => {
    const { agent, caller, callee } = await connected();
    agent.run({ type: 'mode', mode: 'whisper' });
    agent.run({ type: 'dtmf', digits: '12' });
    expect(callee.events.at(-1)).toEqual({ type: 'dtmf', digits: '12' });
    expect(caller.events.at(-1)).toEqual({ type: 'answered' });
  });
});

describe('the audio to the agent', () => {
  it('begins at the answer, in frames of 20 ms on the clock of the call, without a gap', async () => {
    const bench = createCallBench();
    const agent = bench.attach({ sampleRateHz: 8000, tracks: ['mix', 'callee'] });
    await bench.clock.advance(1000);
    expect(agent.heard).toEqual([]);
    agent.run({ type: 'answer' });
    await bench.clock.advance(200);
    const mix = agent.heard.filter(({ track }) => track === 'mix');
    expect(mix).toHaveLength(10);
    expect(mix[0]?.position).toBe(50 * 160);
    for (const [i, frame] of mix.entries()) {
      expect(frame).toMatchObject({ position: (50 + i) * 160, gapBefore: false });
      expect(frame.samples).toHaveLength(160);
    }
    expect(agent.heard.filter(({ track }) => track === 'callee')).toHaveLength(10);
  });

  it('changes its tracks by command', async () => {
    const { agent, clock } = await answered();
    agent.run({ type: 'tracks', tracks: ['caller', 'callee'] });
    agent.heard.length = 0;
    await clock.advance(20);
    expect(agent.heard.map(({ track }) => track)).toEqual(['caller', 'callee']);
  });
});
