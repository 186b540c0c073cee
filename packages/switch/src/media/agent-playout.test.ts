import { frameFlags, limits, ProtocolError, tracks } from '@agentao/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AgentPlayout, createAgentPlayout } from './agent-playout.ts';

const rate = 8000;
const tick = 160;

function createBench(roundTripMs = 0) {
  const told: string[] = [];
  const playout = createAgentPlayout({
    sampleRateHz: rate,
    roundTripMs,
    sink: {
      credit: (generation, upTo) => void told.push(`credit ${generation} ${upTo}`),
      playout: (generation, played) => void told.push(`playout ${generation} ${played}`),
    },
  });
  const out = new Int16Array(tick);
  return {
    playout,
    told,
    send: (count: number, flags = 0) => send(playout, count, flags),
    /** Runs ticks; returns the agent's samples of each. */
    run: (ticks: number) =>
      Array.from({ length: ticks }, () => {
        const count = playout.pull(out);
        playout.report();
        expect(out.subarray(count).every((sample) => sample === 0)).toBe(true);
        expect([...out.subarray(0, count)].every((sample) => sample !== 0)).toBe(true);
        return count;
      }),
  };
}

function send(playout: AgentPlayout, count: number, flags = 0): void {
  const header = { track: tracks.agent, generation: playout.generation, flags, position: playout.received };
  playout.push(header, new Int16Array(count).fill(1));
}

function closeCodeOf(action: () => void): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ProtocolError) return error.closeCode;
    throw error;
  }
  return 'none';
}

describe('agent playout', () => {
  it('has a window of 200 ms and two round trips, at most one second', () => {
    expect(createBench(0).playout.windowSamples).toBe(1600);
    expect(createBench(50).playout.windowSamples).toBe(2400);
    expect(createBench(5000).playout.windowSamples).toBe(8000);
  });

  it('takes a full tick while there is one', () => {
    const { send, run } = createBench();
    send(2 * tick);
    expect(run(3)).toEqual([tick, tick, 0]);
  });

  it('holds a partial tick for one tick in the hope of more', () => {
    const { playout, send, run } = createBench();
    send(tick + 60);
    expect(run(2)).toEqual([tick, 0]);
    send(100);
    expect(run(1)).toEqual([tick]);
    expect(playout.played).toBe(2 * tick);
  });

  it('plays a partial tick, padded, when no more has come, and does not count the padding', () => {
    const { playout, send, run } = createBench();
    send(60);
    expect(run(3)).toEqual([0, 60, 0]);
    expect(playout.played).toBe(60);
    send(60);
    expect(run(2)).toEqual([0, 60]);
  });

  it('plays a partial tick at once at the end of the track', () => {
    const { send, run } = createBench();
    send(tick + 60, frameFlags.endOfTrack);
    expect(run(2)).toEqual([tick, 60]);
    send(60);
    send(0, frameFlags.endOfTrack);
    expect(run(1)).toEqual([60]);
    send(60);
    expect(run(1)).toEqual([0]);
  });

  it('grants credit anew when the window has moved by 100 ms, never for a tick', () => {
    const { send, run, told } = createBench();
    send(1600, frameFlags.endOfTrack);
    run(4);
    expect(told).toEqual([]);
    run(1);
    expect(told).toEqual(['credit 0 2400']);
    run(4);
    expect(told).toEqual(['credit 0 2400']);
    run(1);
    expect(told).toEqual(['credit 0 2400', 'playout 0 1600', 'credit 0 3200']);
    run(10);
    expect(told).toHaveLength(3);
  });

  it('reports every 200 ms of playing to an agent that sends at the pace of hearing', () => {
    const { send, run, told } = createBench();
    for (let n = 0; n < 25; n++) {
      send(tick);
      run(1);
    }
    expect(told.filter((line) => line.startsWith('playout'))).toEqual(['playout 0 1600', 'playout 0 3200']);
  });

  it('reports once when the queue runs dry', () => {
    const { send, run, told } = createBench();
    send(3 * tick);
    run(3);
    expect(told).toEqual([]);
    run(50);
    expect(told).toEqual([`playout 0 ${3 * tick}`]);
  });

  it('reports on the very tick in which a mark is heard, and at once a mark that has been', () => {
    const { playout, send, run, told } = createBench();
    playout.mark(tick + 1);
    playout.mark(tick + 1);
    send(3 * tick);
    run(1);
    expect(told).toEqual([]);
    run(1);
    expect(told).toEqual([`playout 0 ${2 * tick}`]);
    playout.mark(tick);
    expect(told).toEqual([`playout 0 ${2 * tick}`, `playout 0 ${2 * tick}`]);
  });

  it('refuses more marks than may wait', () => {
    const { playout } = createBench();
    for (let n = 0; n < limits.pendingMarks; n++) playout.mark(1 + n);
    expect(closeCodeOf(() => playout.mark(9999))).toBe('BAD_MESSAGE');
  });

  it('drops what is queued at a clear, jumps to its position and begins a generation with a full window', () => {
    const { playout, send, run, told } = createBench();
    send(4 * tick);
    run(1);
    playout.mark(5000);
    told.length = 0;
    expect(playout.refuses({ generation: 1, position: 5000 })).toBeUndefined();
    expect(playout.clear({ generation: 1, position: 5000 })).toEqual({ position: tick, clearedSamples: 5000 - tick });
    expect(told).toEqual(['playout 1 5000']);
    expect(run(2)).toEqual([0, 0]);
    expect(playout.upTo).toBe(5000 + playout.windowSamples);
    playout.push({ track: tracks.agent, generation: 0, flags: 0, position: 4 * tick }, new Int16Array(tick));
    expect(playout.received).toBe(5000);
    send(playout.windowSamples);
    expect(run(1)).toEqual([tick]);
    expect(told).toEqual(['playout 1 5000']);
  });

  it('counts generations modulo 256', () => {
    const { playout } = createBench();
    for (let n = 1; n <= 300; n++) playout.clear({ generation: n & 0xff, position: n });
    expect(playout.generation).toBe(300 & 0xff);
  });

  it('refuses a clear of the wrong generation or before what was received', () => {
    const { playout, send } = createBench();
    send(tick);
    expect(playout.refuses({ generation: 0, position: tick })).toMatch(/generation/);
    expect(playout.refuses({ generation: 2, position: tick })).toMatch(/generation/);
    expect(playout.refuses({ generation: 1, position: tick - 1 })).toMatch(/position/);
    expect(playout.refuses({ generation: 1, position: Number.NaN })).toMatch(/position/);
    expect(playout.refuses({ generation: 1, position: 2 ** 32 })).toMatch(/position/);
    expect(() => playout.clear({ generation: 2, position: tick })).toThrow(RangeError);
  });

  it('never lets a position leave 32 bits', () => {
    const { playout, told, send, run } = createBench();
    const { windowSamples } = playout;
    const last = 0xffff_ffff - windowSamples;
    expect(playout.refuses({ generation: 1, position: last + 1 })).toMatch(/position/);
    expect(playout.refuses({ generation: 1, position: last })).toBeUndefined();
    playout.clear({ generation: 1, position: last });
    told.length = 0;
    send(windowSamples);
    run(windowSamples / tick + 2);
    expect(playout.played).toBe(0xffff_ffff);
    expect(told.filter((line) => line.startsWith('credit'))).toEqual([]);
    expect(closeCodeOf(() => send(1))).toBe('CREDIT_EXCEEDED');
  });

  it('refuses audio that does not continue, of a coming generation, on another track, or beyond the credit', () => {
    const { playout } = createBench();
    const header = { track: tracks.agent, generation: 0, flags: 0, position: 0 };
    const push = (change: Partial<typeof header>, count = tick) => {
      return closeCodeOf(() => playout.push({ ...header, ...change }, new Int16Array(count)));
    };
    expect(push({ position: 1 })).toBe('BAD_AUDIO');
    expect(push({ generation: 1 })).toBe('BAD_AUDIO');
    expect(push({ track: tracks.mix } as never)).toBe('BAD_AUDIO');
    expect(push({}, playout.windowSamples + 1)).toBe('CREDIT_EXCEEDED');
    expect(playout.received).toBe(0);
    expect(push({}, playout.windowSamples)).toBe('none');
  });

  it('pads the tick that reaches a split, so that what lies behind it begins on the next', () => {
    const { playout, send, run } = createBench();
    send(4 * tick);
    playout.splitAt = tick + 50;
    expect(run(2)).toEqual([tick, 50]);
    expect(playout.played).toBe(playout.splitAt);
    playout.splitAt = undefined;
    expect(run(2)).toEqual([tick, tick]);
  });

  it('plays every sample once, in order, whatever comes when, and never takes more than its credit', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 80 }), (chunks) => {
        const { playout, told, run } = createBench();
        let heard = 0;
        for (const chunk of chunks) {
          const count = Math.min(chunk, playout.upTo - playout.received);
          send(playout, count);
          heard += run(1)[0] ?? 0;
          expect(playout.played).toBe(heard);
          expect(playout.received - playout.played).toBeLessThanOrEqual(playout.windowSamples);
        }
        run(12);
        expect(playout.played).toBe(playout.received);
        const credits = told.filter((line) => line.startsWith('credit')).length;
        expect(credits).toBeLessThanOrEqual(playout.played / (rate / 10));
      }),
      { numRuns: 200 },
    );
  });
});
