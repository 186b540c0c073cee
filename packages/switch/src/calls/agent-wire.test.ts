import { createVirtualClock } from '@agentao/clock';
import type { IncomingTrack } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { AgentLink } from './agent-link.ts';
import { createAgentWire } from './agent-wire.ts';
import { createCallScope } from './call-scope.ts';

interface Heard {
  readonly track: IncomingTrack;
  readonly position: number;
  readonly gapBefore: boolean;
  readonly replayed: boolean;
}

function createLink() {
  const heard: Heard[] = [];
  const told: number[] = [];
  const state = { roomy: true };
  const link: AgentLink = {
    clientId: 'c',
    sampleRateHz: 8_000,
    tracks: ['mix'],
    roundTripMs: 0,
    audio: (track, _samples, frame) => state.roomy && heard.push({ track, ...frame }) > 0,
    event: (_event, seq) => void told.push(seq),
    response: () => {},
    credit: () => {},
    playout: () => {},
    ended: () => {},
  };
  return { link, heard, told, state };
}

function createBench() {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const first = createLink();
  const gone: number[] = [];
  const overflows: number[] = [];
  const wire = createAgentWire({
    link: first.link,
    scope: createCallScope(clock, (error) => {
      throw error;
    }),
    onOverflow: (_track, dropped) => overflows.push(dropped),
    onGone: () => gone.push(clock.now()),
  });
  let ticks = 0;
  const samples = new Int16Array(160);
  const speak = (count: number, ...names: IncomingTrack[]): void => {
    for (let i = 0; i < count; i++, ticks++) {
      for (const name of names) wire.audio(name, samples, { position: ticks * 160, gapBefore: false });
    }
  };
  const back = { epoch: 1, sinceMs: 0, lastEventSeq: 0, generation: 0 };
  return { clock, wire, first, gone, overflows, speak, back };
}

describe('the wire of an agent', () => {
  it('waits once, and never longer than it was told first', async () => {
    const { clock, wire, first, gone } = createBench();
    expect(wire.lose(createLink().link, { sinceMs: 0, forMs: 10 })).toBe(false);
    wire.lose(first.link, { sinceMs: 0, forMs: 5_000 });
    await clock.advance(1_000);
    wire.lose(first.link, { sinceMs: 0, forMs: 9_000 });
    wire.lose(first.link, { sinceMs: 0, forMs: 1_000 });
    await clock.advance(5_000);
    expect(gone).toEqual([2_000]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps a bounded time of an outage, and says what is missing', () => {
    const { wire, first, speak, back } = createBench();
    speak(10, 'mix');
    wire.lose(first.link, { sinceMs: 0, forMs: 10_000 });
    speak(3_000, 'mix');
    const second = createLink();
    const { replayFrom, replayedSamples } = wire.resume(second.link, { ...back, received: { mix: 1_600 } });
    expect(replayedSamples).toBe(950 * 160);
    expect(replayFrom.mix).toBe((3_010 - 950) * 160);
    speak(40, 'mix');
    // One more tick has come and pushed the oldest out.
    expect(second.heard[0]).toMatchObject({ position: (3_011 - 950) * 160, gapBefore: true, replayed: true });
    expect(second.heard.slice(1).some(({ gapBefore }) => gapBefore)).toBe(false);
    expect(second.heard.at(-1)).toMatchObject({ position: 3_049 * 160, replayed: false });
    expect(second.heard).toHaveLength(989);
  });

  it('goes on with the replay as the peer reads, and drops nothing meanwhile', () => {
    const { wire, first, speak, back, overflows } = createBench();
    speak(10, 'mix');
    wire.lose(first.link, { sinceMs: 0, forMs: 10_000 });
    speak(300, 'mix');
    const second = createLink();
    wire.resume(second.link, { ...back, received: { mix: 1_600 } });
    for (let round = 0; round < 8; round++) {
      second.state.roomy = round % 4 === 0;
      speak(2, 'mix');
    }
    second.state.roomy = true;
    speak(10, 'mix');
    expect(second.heard.map(({ position }) => position)).toEqual(second.heard.map((_, i) => 1_600 + i * 160));
    expect(second.heard).toHaveLength(326);
    expect(overflows).toEqual([]);
  });

  it('replays no track that the agent has given up', () => {
    const { wire, first, speak, back } = createBench();
    speak(10, 'mix', 'callee');
    speak(10, 'mix');
    wire.lose(first.link, { sinceMs: 0, forMs: 10_000 });
    speak(10, 'mix');
    const second = createLink();
    const { replayFrom } = wire.resume(second.link, { ...back, received: { mix: 20 * 160, callee: 5 * 160 } });
    expect(replayFrom).toEqual({ mix: 20 * 160 });
    speak(5, 'mix');
    expect(second.heard.every(({ track }) => track === 'mix')).toBe(true);
  });

  it('numbers events whoever hears them, and tells those again that were missed', () => {
    const { wire, first, back } = createBench();
    const event = { type: 'call.answered', atMs: 1 } as const;
    for (let i = 0; i < 2; i++) wire.event(event);
    wire.lose(first.link, { sinceMs: 0, forMs: 10_000 });
    for (let i = 0; i < 300; i++) wire.event(event);
    const second = createLink();
    wire.resume(second.link, { ...back, received: {} });
    wire.repeatEvents(300);
    wire.event(event);
    expect(first.told).toEqual([1, 2]);
    expect(second.told).toEqual([301, 302, 303]);
    expect(wire.events).toHaveLength(256);
  });
});
