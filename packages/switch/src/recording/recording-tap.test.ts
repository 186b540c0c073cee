import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LegChannel } from '../legs/leg-channel.ts';
import type { AgentPort } from '../media/agent-port.ts';
import { busTickSamples } from '../media/bus.ts';
import { createConference, type SpokenPrompt } from '../media/conference.ts';
import { matrices } from '../media/matrix.ts';
import { createMemoryRecords } from '../testing/memory-records.ts';
import { checkConsentClip, defaultConsentClip } from './consent-tone.ts';
import type { Recorder } from './recorder.ts';
import { createRecordingTap } from './recording-tap.ts';

/** One tick that no other speaker says and no other tick repeats, loud enough that sums saturate. */
function voice(seed: number, tick: number): Int16Array {
  let state = Math.imul(seed + 1, 0x9e37_79b1) ^ Math.imul(tick + 1, 0x85eb_ca6b);
  return Int16Array.from({ length: busTickSamples }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state >> 16;
  });
}

function createParty(seed: number, now: () => number) {
  const played = new Map<number, Int16Array>();
  const channel: LegChannel = {
    push: () => undefined,
    pull: (bus) => bus.set(voice(seed, now())),
    play: (bus) => void played.set(now(), bus.slice()),
    skip: () => undefined,
  };
  return { channel, played };
}

function setUp({ clip = defaultConsentClip(), recorder }: { clip?: Int16Array | undefined; recorder?: Recorder } = {}) {
  let tick = -1;
  const now = (): number => tick;
  const caller = createParty(1, now);
  const callee = createParty(2, now);
  const agentHeard: Int16Array[] = [];
  const agent: AgentPort = {
    playout: { report: () => undefined, played: 0, splitAt: undefined } as unknown as AgentPort['playout'],
    setTracks: () => undefined,
    speak: (bus) => {
      bus.set(voice(3, tick));
      return busTickSamples;
    },
    listen: (fromCaller, fromCallee) => void agentHeard.push(fromCaller.slice(), fromCallee.slice()),
    skipped: () => undefined,
    forgetVoice: () => undefined,
  };
  const records = createMemoryRecords();
  const faults: unknown[] = [];
  const tap = createRecordingTap({
    recorder: recorder ?? (records.recorder as Recorder),
    call: { callId: 'call-1', connectorUuid: 'c', startedAtMs: 1, consentClip: checkConsentClip(clip) },
    atMs: () => (tick + 1) * 20,
    onState: () => undefined,
    onFault: (error) => faults.push(error),
  });
  const conference = createConference({ firstAudio: () => undefined, splitReached: () => undefined });
  conference.tap = tap;
  conference.caller = caller.channel;
  conference.agent = agent;
  return {
    conference,
    caller,
    callee,
    agentHeard,
    tap,
    faults,
    recording: () => records.recordings.get('call-1'),
    tick: (count = 1) => {
      for (let i = 0; i < count; i++) {
        tick++;
        conference.tick();
      }
    },
    skip: (count: number) => {
      tick += count;
      conference.skipped(count);
    },
  };
}

/** A prompt as calls play it. */
function promptOf(samples: number): SpokenPrompt {
  const clip = Int16Array.from({ length: samples }, (_, i) => 500 + (i % 997));
  let at = 0;
  return {
    clip,
    fill(tick) {
      const part = clip.subarray(at, at + tick.length);
      tick.set(part);
      tick.fill(0, part.length);
      at += part.length;
    },
  };
}

/** What happens to a conference in a call, in any order. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const), count: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('skip' as const), count: fc.integer({ min: 1, max: 20 }) }) },
    fc.record({
      do: fc.constant('matrix' as const),
      name: fc.constantFrom(...(Object.keys(matrices) as (keyof typeof matrices)[])),
    }),
    fc.record({ do: fc.constant('ring again' as const) }),
    fc.record({ do: fc.constant('prompt' as const), samples: fc.integer({ min: 0, max: 3_000 }) }),
    fc.record({ do: fc.constant('callee picks up' as const) }),
    fc.record({ do: fc.constant('callee goes' as const) }),
  ),
  { maxLength: 40 },
);

describe('a recording on the mix clock', () => {
  it('holds what each party said in each tick, and tells exactly what each person heard', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const { conference, caller, callee, tap, recording, tick, skip } = setUp();
        const pickUp = (): void => {
          conference.callee = callee.channel;
          conference.calleeOpen = true;
        };
        const set = (name: keyof typeof matrices): void => {
          const matrix = matrices[name];
          if (name !== 'nobody' && name !== 'ringing') conference.callerOpen = true;
          if (matrix.callee.caller !== 0) pickUp();
          conference.matrix = matrix;
        };
        for (const step of sequence) {
          if (step.do === 'tick') tick(step.count);
          if (step.do === 'skip') skip(step.count);
          if (step.do === 'matrix') set(step.name);
          if (step.do === 'prompt') conference.prompt = step.samples === 0 ? undefined : promptOf(step.samples);
          if (step.do === 'callee picks up') pickUp();
          if (step.do === 'ring again' && conference.ringback !== undefined) {
            const { matrix } = conference;
            conference.matrix = matrices.nobody;
            conference.matrix = matrix;
          }
          if (step.do === 'callee goes') {
            set('answered');
            conference.callee = undefined;
            conference.calleeOpen = false;
          }
        }
        tick(3);
        tap.end();
        const made = recording();
        if (made === undefined) return;
        const { header, ticks } = made;
        expect(header.startTick + ticks).toBe(conference.ticks);
        for (const [hearer, party] of [
          ['caller', caller],
          ['callee', callee],
        ] as const) {
          const heard = made.heardBy(hearer);
          for (let i = 0; i < ticks; i++) {
            const played = party.played.get(header.startTick + i) ?? new Int16Array(busTickSamples);
            const again = heard.subarray(i * busTickSamples, (i + 1) * busTickSamples);
            const at = again.findIndex((sample, index) => sample !== played[index]);
            if (at >= 0)
              expect({ hearer, tick: i, at, sample: again[at] }).toEqual({ hearer, tick: i, at, sample: played[at] });
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('begins with the first open line, so that a call nobody answers leaves none', () => {
    const { conference, recording, tick, tap } = setUp();
    conference.matrix = matrices.ringing;
    tick(10);
    expect(recording()).toBeUndefined();
    conference.callerOpen = true;
    conference.matrix = matrices.answered;
    tick(5);
    tap.end();
    expect(recording()).toMatchObject({ header: { startTick: 10, startMs: 220 }, ticks: 5, ended: true });
  });

  it('has the agent as it was sent, also where nobody heard it, and silence where the switch stalled', () => {
    const { conference, callee, recording, tick, skip, tap } = setUp();
    conference.callerOpen = true;
    conference.callee = callee.channel;
    conference.calleeOpen = true;
    conference.matrix = matrices.spy;
    tick(2);
    skip(3);
    tick(1);
    tap.end();
    const agent = recording()?.track('agent') ?? new Int16Array();
    const at = (index: number): number[] => [...agent.subarray(index * busTickSamples, (index + 1) * busTickSamples)];
    expect(recording()?.ticks).toBe(6);
    expect(at(1)).toEqual([...voice(3, 1)]);
    expect(new Set([...at(2), ...at(3), ...at(4)])).toEqual(new Set([0]));
    expect(at(5)).toEqual([...voice(3, 5)]);
    expect(recording()?.marks).toContainEqual({ type: 'gap', tick: 2, ticks: 3, cause: 'stall' });
  });

  it('ends with the call, stalled ticks before that included', () => {
    const { conference, recording, tick, skip, tap } = setUp();
    conference.callerOpen = true;
    tick(2);
    skip(4);
    tap.end();
    tap.end();
    tick(5);
    expect(recording()).toMatchObject({ ticks: 6, ended: true });
  });
});

describe('the consent tone', () => {
  const clip = new Int16Array(busTickSamples + 1).fill(7);

  it('is heard by each person once their line is open, from its first sample to its last, and not by the agent', () => {
    const { conference, caller, callee, agentHeard, recording, tick, tap } = setUp({ clip });
    const heard = (party: typeof caller, at: number): Set<number> => new Set(party.played.get(at));
    conference.caller = { ...caller.channel, pull: (bus) => void bus.fill(0) };
    const quietCallee = { ...callee.channel, pull: (bus: Int16Array) => void bus.fill(0) };
    conference.callerOpen = true;
    conference.matrix = { ...matrices.answered, agent: { caller: 0, callee: 0 } };
    tick(4);
    expect([0, 1, 2].map((at) => heard(caller, at))).toEqual([new Set([7]), new Set([7, 0]), new Set([0])]);
    conference.callee = quietCallee;
    conference.calleeOpen = true;
    conference.matrix = matrices.spy;
    tick(3);
    expect([4, 5, 6].map((at) => heard(callee, at))).toEqual([new Set([7]), new Set([7, 0]), new Set([0])]);
    expect([4, 5].map((at) => heard(caller, at))).toEqual([new Set([0]), new Set([0])]);
    expect(new Set(agentHeard.flatMap((samples) => [...samples]))).toEqual(new Set([0]));
    conference.calleeOpen = false;
    tick(1);
    conference.calleeOpen = true;
    tick(1);
    expect(heard(callee, 8), 'another callee').toEqual(new Set([7]));
    tap.end();
    expect(recording()?.marks.filter(({ type }) => type === 'line')).toEqual([
      { type: 'line', tick: 0, party: 'caller', isOpen: true },
      { type: 'line', tick: 4, party: 'callee', isOpen: true },
      { type: 'line', tick: 7, party: 'callee', isOpen: false },
      { type: 'line', tick: 8, party: 'callee', isOpen: true },
    ]);
  });

  it('cannot be empty, or longer than ten seconds', () => {
    expect(() => checkConsentClip(new Int16Array())).toThrow(/^records\.consentClip/);
    expect(() => checkConsentClip(new Int16Array(240_001))).toThrow(TypeError);
    expect(checkConsentClip(new Int16Array(240_000))).toHaveLength(240_000);
  });
});

it.each(['begin', 'mark', 'write', 'end'])('leaves the call alone when its recorder throws: %s', (where) => {
  const fail = (what: string) => () => {
    if (what === where) throw new Error('no recorder');
  };
  const recorder: Recorder = {
    begin: () => {
      fail('begin')();
      return { mark: fail('mark'), write: fail('write'), end: fail('end') };
    },
  };
  const { conference, caller, tick, tap, faults } = setUp({ recorder });
  conference.callerOpen = true;
  conference.matrix = matrices.answered;
  tick(50);
  tap.end();
  expect(faults).toHaveLength(1);
  expect([...(caller.played.get(49) ?? [])]).toEqual([...voice(3, 49)]);
});
