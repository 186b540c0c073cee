import type { CallMode, MediaRateHz } from '@agentao/protocol';
import { tone } from '@agentao/audio';
import { describe, expect, it } from 'vitest';
import { legTailMs } from '../legs/leg-channel.ts';
import type { Phone } from '../testing/scripted-phone.ts';
import { type CallBench, createCallBench, marked, type TestAgent } from './test-bench.ts';

const modes = ['barge', 'whisper', 'spy'] as const;
const transitions = modes.flatMap((from) => modes.filter((to) => to !== from).map((to) => [from, to] as const));
const hears: { readonly [Mode in CallMode]: { readonly caller: boolean; readonly callee: boolean } } = {
  barge: { caller: true, callee: true },
  whisper: { caller: false, callee: true },
  spy: { caller: false, callee: false },
};
const parties = ['caller', 'callee'] as const;

/** Half a second of samples that tell their position; the most a test queues. */
const talk = marked(0, 12_000);

/** An ear from one moment on. */
interface Since {
  readonly caller: () => Int16Array;
  readonly callee: () => Int16Array;
}

/** What each phone hears from now on, sample for sample. */
function since({ caller, callee }: CallBench): Since {
  const from = { caller: caller.heardMs, callee: callee.heardMs };
  return {
    caller: () => caller.heard({ fromMs: from.caller }),
    callee: () => callee.heard({ fromMs: from.callee }),
  };
}

/** The samples of `signal` that are not zero. */
function sounding(signal: Int16Array): number[] {
  return [...signal].filter((sample) => sample !== 0);
}

function sequence(from: number, to: number): number[] {
  return [...marked(from, to - from)];
}

async function connected(mode: CallMode): Promise<{ bench: CallBench; agent: TestAgent }> {
  const bench = createCallBench({ callee: { answerAfterMs: 500 } });
  const agent = bench.attach();
  agent.run({ type: 'connect', ringTimeMs: 5000, mode });
  await bench.clock.runUntil(bench.callee.until('answered'), { maxMs: 1000 });
  await bench.clock.advance(45);
  expect(bench.call.mode).toBe(mode);
  return { bench, agent };
}

describe.each(transitions)('from %s to %s', (from, to) => {
  it('changes on one tick, exactly, with nothing queued', async () => {
    const { bench, agent } = await connected(from);
    const before = since(bench);
    agent.say(marked(0, 2400), { endOfTrack: true });
    await bench.clock.advance(200);
    for (const party of parties) {
      expect(sounding(before[party]())).toEqual(hears[from][party] ? sequence(0, 2400) : []);
    }
    const after = since(bench);
    expect(agent.run({ type: 'mode', mode: to })).toMatchObject({ ok: true, result: { position: 2400 } });
    agent.say(marked(2400, 2400), { endOfTrack: true });
    await bench.clock.advance(200);
    for (const party of parties) {
      expect(sounding(after[party]())).toEqual(hears[to][party] ? sequence(2400, 4800) : []);
    }
  });

  it('lets nobody hear what was queued before when it is discarded', async () => {
    const { bench, agent } = await connected(from);
    const before = since(bench);
    agent.say(talk);
    await bench.clock.advance(100);
    const heard = 5 * 480;
    for (const party of parties) {
      expect([...before[party]()]).toEqual(hears[from][party] ? sequence(0, heard) : Array(heard).fill(0));
    }
    const after = since(bench);
    expect(agent.run({ type: 'mode', mode: to, discard: agent.discard() })).toMatchObject({
      ok: true,
      result: { position: heard, clearedSamples: 12_000 - heard },
    });
    agent.say(marked(12_000, 2400), { endOfTrack: true });
    await bench.clock.advance(200);
    for (const party of parties) {
      const expected = new Int16Array(after[party]().length);
      if (hears[to][party]) expected.set(marked(12_000, 2400));
      expect(after[party]()).toEqual(expected);
    }
    expect(bench.timeline.filter(({ kind }) => kind === 'cleared')).toHaveLength(1);
  });

  it('goes on with what was queued before when it is kept, heard by those of the new mode only', async () => {
    const { bench, agent } = await connected(from);
    agent.say(talk, { endOfTrack: true });
    await bench.clock.advance(100);
    const after = since(bench);
    expect(agent.run({ type: 'mode', mode: to })).toMatchObject({ ok: true, result: { position: 2400 } });
    await bench.clock.advance(600);
    for (const party of parties) {
      expect(sounding(after[party]())).toEqual(hears[to][party] ? sequence(2400, 12_000) : []);
    }
  });

  it('waits for a position, and changes at that very sample', async () => {
    const { bench, agent } = await connected(from);
    const ears = since(bench);
    agent.say(talk, { endOfTrack: true });
    const position = 5000;
    expect(agent.run({ type: 'mode', mode: to, afterPosition: position })).toBeUndefined();
    const id = agent.lastId;
    await bench.clock.advance(200);
    expect(bench.call.mode).toBe(from);
    await bench.clock.advance(500);
    expect(agent.responseTo(id)).toMatchObject({ ok: true, result: { position } });
    expect(agent.events.at(-1)).toMatchObject({ type: 'call.mode_changed', mode: to, position });
    for (const party of parties) {
      expect(sounding(ears[party]())).toEqual([
        ...(hears[from][party] ? sequence(0, position) : []),
        ...(hears[to][party] ? sequence(position, 12_000) : []),
      ]);
    }
    // The tick that reaches the position is padded; what follows begins with the next one.
    const padded = 11 * 480;
    const at = (party: 'caller' | 'callee', index: number) => ears[party]()[index];
    for (const party of parties) {
      expect(at(party, padded - 1)).toBe(0);
      expect(at(party, padded)).toBe(hears[to][party] ? position + 1 : 0);
    }
  });
});

describe.each(modes)('connect in %s', (mode) => {
  it('holds from the very tick on which the three are together, without a tick of another mode', async () => {
    const bench = createCallBench({ callee: { answerAfterMs: 1000 } });
    const agent = bench.attach();
    agent.run({ type: 'answer' });
    await bench.clock.advance(45);
    agent.run({ type: 'connect', ringTimeMs: 5000, mode });
    await bench.clock.advance(700);
    agent.say(marked(0, 24_000), { endOfTrack: true });
    await bench.clock.runUntil(bench.callee.until('answered'), { maxMs: 1000 });
    const ears = since(bench);
    await bench.clock.advance(1500);
    const callerHears = sounding(ears.caller());
    const calleeHears = sounding(ears.callee());
    if (mode === 'barge') expect(callerHears).toEqual(calleeHears);
    else expect(callerHears).toEqual([]);
    if (mode === 'spy') expect(calleeHears).toEqual([]);
    else expect(calleeHears).toEqual(sequence((calleeHears[0] as number) - 1, 24_000));
  });

  it('does so straight from PENDING, and what was queued then is played in that mode only', async () => {
    const bench = createCallBench({ callee: { answerAfterMs: 1000 } });
    const agent = bench.attach();
    agent.say(marked(0, 4800), { endOfTrack: true });
    agent.run({ type: 'connect', ringTimeMs: 5000, mode });
    const id = agent.lastId;
    await bench.clock.runUntil(bench.caller.until('answered'), { maxMs: 2000 });
    const ears = since(bench);
    expect(bench.caller.levelDb({ frequencyHz: 425 })).toBeGreaterThan(-25);
    await bench.clock.advance(500);
    for (const party of parties) expect(sounding(ears[party]())).toEqual(hears[mode][party] ? sequence(0, 4800) : []);
    expect(agent.events.map(({ type }) => type)).toEqual(['call.connected']);
    expect(agent.responseTo(id)).toMatchObject({ ok: true });
  });
});

describe('a mode that waits for its position', () => {
  it('is applied at once by a clear', async () => {
    const { bench, agent } = await connected('whisper');
    agent.say(talk);
    agent.run({ type: 'mode', mode: 'barge', afterPosition: 12_000 });
    const id = agent.lastId;
    await bench.clock.advance(60);
    const clear = agent.run({ type: 'clear', ...agent.discard() });
    expect(agent.responseTo(id)).toMatchObject({ ok: true, result: { position: 12_000 } });
    expect(clear).toMatchObject({ ok: true, result: { position: 1440, clearedSamples: 12_000 - 1440 } });
    expect(bench.call.mode).toBe('barge');
  });

  it('is superseded by a newer mode command', async () => {
    const { bench, agent } = await connected('whisper');
    agent.say(talk, { endOfTrack: true });
    agent.run({ type: 'mode', mode: 'barge', afterPosition: 9000 });
    const id = agent.lastId;
    expect(agent.run({ type: 'mode', mode: 'spy' })).toMatchObject({ ok: true });
    expect(agent.responseTo(id)).toMatchObject({ ok: false, error: { code: 'INVALID_STATE' } });
    await bench.clock.advance(600);
    expect(bench.call.mode).toBe('spy');
  });

  it('is applied at once where the position has been heard already', async () => {
    const { agent } = await connected('whisper');
    expect(agent.run({ type: 'mode', mode: 'barge', afterPosition: 0 })).toMatchObject({
      ok: true,
      result: { position: 0 },
    });
  });

  it('is not superseded by a command with bad arguments', async () => {
    const { bench, agent } = await connected('whisper');
    agent.say(talk, { endOfTrack: true });
    agent.run({ type: 'mode', mode: 'barge', afterPosition: 2000 });
    expect(agent.run({ type: 'mode', mode: 'spy', discard: { generation: 9, position: 0 } })).toMatchObject({
      ok: false,
      error: { code: 'BAD_ARGUMENT' },
    });
    const both = { discard: { generation: 1, position: 12_000 }, afterPosition: 1 };
    expect(agent.run({ type: 'mode', mode: 'spy', ...both })).toMatchObject({
      ok: false,
      error: { code: 'BAD_ARGUMENT' },
    });
    await bench.clock.advance(200);
    expect(bench.call.mode).toBe('barge');
  });
});

describe('spy', () => {
  it('lets the audio of the agent run at its normal pace, and reports it', async () => {
    const { bench, agent } = await connected('spy');
    agent.say(marked(0, 24_000), { endOfTrack: true });
    await bench.clock.advance(500);
    const halfway = agent.told.findLast((item) => item.type === 'playout');
    expect(halfway).toMatchObject({ played: 9600 });
    await bench.clock.advance(600);
    expect(agent.told.findLast((item) => item.type === 'playout')).toMatchObject({ played: 24_000 });
  });
});

describe('what a party said before the callee joined', () => {
  it('reaches the callee no further back than the stated tail of the legs', async () => {
    const bench = createCallBench();
    const agent = bench.attach();
    agent.run({ type: 'answer' });
    await bench.clock.advance(5);
    bench.caller.say(marked(0, 29_000));
    agent.run({ type: 'connect', ringTimeMs: 5000, mode: 'spy' });
    await bench.clock.advance(600);
    const said = 29_000 - bench.caller.unspoken;
    bench.callee.answer();
    await bench.clock.advance(1000);
    const first = sounding(bench.callee.heard())[0] as number;
    expect(first).toBeGreaterThanOrEqual(said - legTailMs.input * 24);
    expect(first).toBeLessThan(said);
  });
});

describe.each([8000, 16_000] as const)('with an agent at %i Hz', (sampleRateHz) => {
  it.each(transitions)(
    'nothing said in %s is heard by whom %s admits, not even the tail of a resampler',
    async (from, to) => {
      const bench = createCallBench({ callee: { answerAfterMs: 100 } });
      const agent = bench.attach({ sampleRateHz });
      agent.run({ type: 'connect', ringTimeMs: 5000, mode: from });
      await bench.clock.runUntil(bench.callee.until('answered'), { maxMs: 1000 });
      agent.say(tone({ frequencyHz: 900, durationMs: 2000, sampleRateHz, levelDb: -6 }));
      await bench.clock.advance(505);
      const after = since(bench);
      agent.run({ type: 'mode', mode: to, discard: agent.discard() });
      await bench.clock.advance(200);
      for (const party of parties) {
        if (!hears[from][party] || !hears[to][party]) expect(sounding(after[party]())).toEqual([]);
      }
    },
  );
});

/** Whether a phone hears the tone of another, from `fromMs` of now on. */
function hearsTone(
  phone: Phone,
  frequencyHz: number,
  range: { readonly fromMs: number; readonly toMs: number },
): boolean {
  return phone.levelDb({ ...range, frequencyHz }) > -60;
}

describe.each([8000, 16_000] as const)('with legs and agent at %i Hz', (sampleRateHz: MediaRateHz) => {
  it('is exactly silent where the agent is no longer heard, as soon as the tail of the legs is over', async () => {
    const bench = createCallBench({ caller: { sampleRateHz }, callee: { sampleRateHz, answerAfterMs: 100 } });
    const agent = bench.attach({ sampleRateHz });
    agent.run({ type: 'connect', ringTimeMs: 5000, mode: 'barge' });
    await bench.clock.runUntil(bench.callee.until('answered'), { maxMs: 1000 });
    agent.say(tone({ frequencyHz: 900, durationMs: 2000, sampleRateHz, levelDb: -6 }));
    await bench.clock.advance(500);
    const fromMs = bench.caller.heardMs;
    agent.run({ type: 'mode', mode: 'whisper' });
    await bench.clock.advance(500);
    expect(sounding(bench.caller.heard({ fromMs })).length).toBeGreaterThan(0);
    expect(sounding(bench.caller.heard({ fromMs: fromMs + legTailMs.output }))).toEqual([]);
    expect(bench.callee.levelDb({ frequencyHz: 900, fromMs })).toBeGreaterThan(-10);
  });

  it.each(transitions)('is within the stated tail of the legs after %s becomes %s', async (from, to) => {
    const bench = createCallBench({ caller: { sampleRateHz }, callee: { sampleRateHz, answerAfterMs: 100 } });
    const agent = bench.attach({ sampleRateHz });
    agent.run({ type: 'connect', ringTimeMs: 5000, mode: from });
    await bench.clock.runUntil(bench.callee.until('answered'), { maxMs: 1000 });
    const say = (hz: number, phone: { say(samples: Int16Array): void }) =>
      phone.say(tone({ frequencyHz: hz, durationMs: 4000, sampleRateHz, levelDb: -12 }));
    say(500, bench.caller);
    say(700, bench.callee);
    say(900, agent);
    await bench.clock.advance(1000);
    const changedMs = { caller: bench.caller.heardMs, callee: bench.callee.heardMs };
    agent.run({ type: 'mode', mode: to });
    await bench.clock.advance(1000);
    for (const party of parties) {
      const phone = bench[party];
      const fromMs = changedMs[party];
      const old = { fromMs: fromMs - 500, toMs: fromMs };
      const fresh = { fromMs: fromMs + legTailMs.output, toMs: fromMs + 500 };
      expect(hearsTone(phone, 900, old)).toBe(hears[from][party]);
      expect(hearsTone(phone, 900, fresh)).toBe(hears[to][party]);
      expect(hearsTone(phone, party === 'caller' ? 700 : 500, fresh)).toBe(true);
      expect(hearsTone(phone, party === 'caller' ? 500 : 700, fresh)).toBe(false);
    }
  });
});
