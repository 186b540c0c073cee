import type { CallMode, IncomingTrack } from '@agentao/protocol';
import { tracks } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { LegChannel } from '../legs/leg-channel.ts';
import { createAgentPlayout } from './agent-playout.ts';
import { createAgentPort } from './agent-port.ts';
import { busRateHz, busTickSamples } from './bus.ts';
import { createConference } from './conference.ts';
import type { CallLevels } from './level-tap.ts';
import { matrices } from './matrix.ts';

/** What each party says, one sample value for all of a tick; sums tell who was in them. */
const voices = { caller: 1, callee: 10, agent: 100 };

/** A channel that says one value for ever and keeps what it hears. */
function createChannel(voice: number): LegChannel & { readonly heard: number[][]; readonly skips: number[] } {
  const heard: number[][] = [];
  const skips: number[] = [];
  return {
    heard,
    skips,
    skip: (ticks) => void skips.push(ticks),
    push: () => {},
    pull: (bus) => void bus.fill(voice),
    play: (bus) => void heard.push([...new Set(bus)]),
  };
}

function createBench(options: { readonly agentTracks?: readonly IncomingTrack[] } = {}) {
  const caller = createChannel(voices.caller);
  const callee = createChannel(voices.callee);
  const reported: string[] = [];
  const conference = createConference({
    firstAudio: () => void reported.push('first audio'),
    splitReached: () => void reported.push('split'),
  });
  const playout = createAgentPlayout({
    sampleRateHz: busRateHz,
    roundTripMs: 400,
    sink: { credit: () => {}, playout: () => {} },
  });
  const agentHeard: { track: IncomingTrack; values: number[]; position: number; gapBefore: boolean }[] = [];
  const agent = createAgentPort({
    sampleRateHz: busRateHz,
    tracks: options.agentTracks ?? ['mix', 'caller', 'callee'],
    playout,
    hear: (track, samples, frame) => void agentHeard.push({ track, values: [...new Set(samples)], ...frame }),
  });
  conference.caller = caller;
  conference.callee = callee;
  conference.agent = agent;
  return {
    conference,
    playout,
    agent,
    agentHeard,
    reported,
    speak: (ticks: number) => {
      const header = { track: tracks.agent, generation: playout.generation, flags: 0, position: playout.received };
      playout.push(header, new Int16Array(ticks * busTickSamples).fill(voices.agent));
    },
    /** One tick: what each heard in it, as the set of its sample values. */
    tick: () => {
      agentHeard.length = 0;
      conference.tick();
      const ear = (track: IncomingTrack) => agentHeard.find((heard) => heard.track === track)?.values;
      return {
        caller: caller.heard.at(-1),
        callee: callee.heard.at(-1),
        mix: ear('mix'),
        callerTrack: ear('caller'),
        calleeTrack: ear('callee'),
      };
    },
  };
}

const modes = ['barge', 'whisper', 'spy'] as const;

/** What each ear hears in a mode while all three speak. */
const heardIn: { readonly [Mode in CallMode]: { readonly caller: number[]; readonly callee: number[] } } = {
  barge: { caller: [110], callee: [101] },
  whisper: { caller: [10], callee: [101] },
  spy: { caller: [10], callee: [1] },
};
const agentHears = { mix: [11], callerTrack: [1], calleeTrack: [10] };

describe('conference', () => {
  for (const from of modes) {
    for (const to of modes) {
      it(`lets everybody hear ${to} from the very tick on which it follows ${from}`, () => {
        const { conference, speak, tick } = createBench();
        conference.callerOpen = true;
        conference.calleeOpen = true;
        conference.matrix = matrices[from];
        speak(20);
        for (let n = 0; n < 5; n++) expect(tick()).toEqual({ ...heardIn[from], ...agentHears });
        conference.matrix = matrices[to];
        for (let n = 0; n < 5; n++) expect(tick()).toEqual({ ...heardIn[to], ...agentHears });
      });
    }
  }

  it('lets caller and callee hear each other alone once the agent has left', () => {
    const { conference, speak, tick } = createBench();
    conference.callerOpen = true;
    conference.calleeOpen = true;
    conference.matrix = matrices.barge;
    speak(20);
    tick();
    conference.agent = undefined;
    conference.matrix = matrices.people;
    expect(tick()).toEqual({
      caller: [10],
      callee: [1],
      mix: undefined,
      callerTrack: undefined,
      calleeTrack: undefined,
    });
  });

  it('keeps an agent that has not answered deaf and dumb, and its audio queued', () => {
    const { conference, playout, speak, tick } = createBench();
    speak(3);
    expect(tick()).toEqual({
      caller: undefined,
      callee: undefined,
      mix: undefined,
      callerTrack: undefined,
      calleeTrack: undefined,
    });
    expect(playout.played).toBe(0);
    conference.callerOpen = true;
    conference.matrix = matrices.answered;
    expect(tick()).toEqual({ caller: [100], callee: undefined, mix: [1], callerTrack: [1], calleeTrack: [0] });
    expect(playout.played).toBe(busTickSamples);
  });

  it('plays the ring-back alone to a caller that is not answered, and 12 dB lower under the agent', () => {
    const caller: Int16Array[] = [];
    const { conference } = createBench();
    conference.caller = {
      push: () => {},
      pull: (bus) => void bus.fill(0),
      play: (bus) => void caller.push(bus.slice()),
      skip: () => {},
    };
    conference.matrix = matrices.ringing;
    conference.tick();
    conference.callerOpen = true;
    conference.matrix = matrices.answeredRinging;
    for (let n = 0; n < 2; n++) conference.tick();
    const peak = (samples: Int16Array | undefined): number => Math.max(...(samples ?? []));
    expect(peak(caller[0])).toBeGreaterThan(2000);
    expect(Math.abs(peak(caller[2]) - peak(caller[0]) / 4)).toBeLessThanOrEqual(1);
    conference.matrix = matrices.answered;
    conference.tick();
    expect(caller[3]).toEqual(new Int16Array(busTickSamples));
  });

  it('saturates where all speak at full scale', () => {
    const { conference, playout, tick } = createBench();
    conference.callerOpen = true;
    conference.callee = createChannel(30_000);
    conference.matrix = matrices.barge;
    playout.push(
      { track: tracks.agent, generation: 0, flags: 0, position: 0 },
      new Int16Array(busTickSamples).fill(30_000),
    );
    expect(tick().caller).toEqual([32_767]);
  });

  it('counts ticks that were left out, and tells the agent of the gap', () => {
    const { conference, agentHeard, tick } = createBench({ agentTracks: ['mix', 'mix'] });
    conference.matrix = matrices.barge;
    tick();
    conference.skipped(7);
    tick();
    expect(agentHeard).toEqual([{ track: 'mix', values: [11], position: 8 * busTickSamples, gapBefore: true }]);
    tick();
    expect(agentHeard).toEqual([{ track: 'mix', values: [11], position: 9 * busTickSamples, gapBefore: false }]);
  });

  it('tells the legs that hear something of ticks that were left out', () => {
    const { conference } = createBench();
    const [caller, callee] = [createChannel(1), createChannel(10)];
    Object.assign(conference, { caller, callee });
    conference.skipped(6);
    conference.callerOpen = true;
    conference.skipped(7);
    conference.calleeOpen = true;
    conference.skipped(8);
    expect([caller.skips, callee.skips]).toEqual([[7, 8], [8]]);
  });

  it('tells the caller of the ticks between two ring-backs, in which it is played nothing', () => {
    const { conference, tick } = createBench();
    const caller = createChannel(1);
    Object.assign(conference, { caller, callee: undefined });
    tick();
    conference.matrix = matrices.ringing;
    tick();
    conference.matrix = matrices.nobody;
    tick();
    conference.skipped(5);
    tick();
    conference.matrix = matrices.ringing;
    tick();
    expect([caller.heard.length, caller.skips]).toEqual([2, [1, 5, 1]]);
  });

  it('changes the incoming tracks from the next tick on', () => {
    const { agent, agentHeard, conference, tick } = createBench({ agentTracks: ['mix'] });
    conference.matrix = matrices.barge;
    tick();
    agent.setTracks(['callee']);
    tick();
    expect(agentHeard).toEqual([{ track: 'callee', values: [10], position: busTickSamples, gapBefore: false }]);
  });

  it('measures what each party says before the matrix, and silence for one that is gone', () => {
    const { conference, speak, tick } = createBench();
    conference.matrix = matrices.spy;
    for (let i = 0; i < 10; i++) tick();
    expect(conference.levels.active).toBe(false);
    const heard: CallLevels[] = [];
    conference.levels.listen((levels) => heard.push(levels));
    speak(10);
    for (let i = 0; i < 10; i++) tick();
    conference.callee = undefined;
    for (let i = 0; i < 10; i++) tick();
    const db = (value: number): unknown => expect.closeTo(20 * Math.log10(value / 32_768), 6);
    const { caller, callee, agent } = voices;
    expect(heard).toEqual([
      { callerDb: db(caller), calleeDb: db(callee), agentDb: db(agent) },
      { callerDb: db(caller), calleeDb: -120, agentDb: -120 },
    ]);
  });

  it('reports the first audio that somebody hears, not what nobody may', () => {
    const { conference, reported, speak, tick } = createBench();
    conference.matrix = matrices.spy;
    speak(10);
    tick();
    expect(reported).toEqual([]);
    conference.matrix = matrices.whisper;
    tick();
    tick();
    expect(reported).toEqual(['first audio']);
  });
});
