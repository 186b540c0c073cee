import { createVirtualClock, createWheel, type Wheel } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import type { Leg, LegEvents } from '../legs/leg.ts';
import type { AgentLink } from './agent-link.ts';
import type { Call, CallEnding } from './call.ts';
import { createCall } from './create-call.ts';
import { defaultPrompts } from './prompts.ts';

type Verb = 'start' | 'answer' | 'hangUp' | 'play' | 'sendDtmf';

/** A leg that throws at the verbs named; otherwise it does as asked, at once. */
function createFaultyLeg(number: string, throwsAt: readonly Verb[], sampleRateHz = 24_000) {
  let events: LegEvents | undefined;
  let played = 0;
  const act = (verb: Verb): void => {
    if (throwsAt.includes(verb)) throw new Error(`${verb} is broken`);
  };
  const leg: Leg = {
    number,
    sampleRateHz,
    outputDelayMs: 0,
    start(to) {
      events = to;
      act('start');
    },
    answer: () => act('answer'),
    hangUp: () => act('hangUp'),
    play() {
      act('play');
      played++;
    },
    sendDtmf: () => act('sendDtmf'),
  };
  return {
    leg,
    get played() {
      return played;
    },
    events: (): LegEvents => {
      if (events === undefined) throw new Error('the leg was not started');
      return events;
    },
  };
}

const link: AgentLink = {
  clientId: 'client-1',
  sampleRateHz: 24_000,
  tracks: ['mix'],
  roundTripMs: 0,
  audio: () => true,
  event: () => {},
  response: () => {},
  credit: () => {},
  playout: () => {},
  ended: () => {},
};

function createBench() {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const removed: unknown[] = [];
  const wheel: Wheel = createWheel({ clock, onError: (error) => void removed.push(error) });
  const place = (leg: Leg, callee?: Leg): { call: Call; endings: CallEnding[] } => {
    const endings: CallEnding[] = [];
    const call = createCall({
      callId: leg.number,
      connectorUuid: 'connector-1',
      incoming: { caller: leg, calleeNumber: '+15559999' },
      clock,
      wheel,
      limits: { maxPendingMs: 120_000, maxCallMs: 14_400_000, agentlessRingMs: 60_000 },
      takeover: { connected: false },
      prompts: defaultPrompts,
      ring: () => callee,
      onWantsAgent: () => {},
      onTimeline: () => {},
      onChanged: () => {},
      onEnded: (_, ending) => endings.push(ending),
    });
    return { call, endings };
  };
  /** A call of two sound legs, in conference. */
  const placeSound = () => {
    const caller = createFaultyLeg('+15550009', []);
    const callee = createFaultyLeg('+15559999', []);
    const { call, endings } = place(caller.leg, callee.leg);
    call.nobodyReady();
    callee.events().answered();
    caller.events().answered();
    return { call, endings, caller, callee };
  };
  return { clock, wheel, removed, place, placeSound };
}

describe('a leg that throws', () => {
  it.each(['start', 'answer', 'play', 'hangUp', 'sendDtmf'] as const)(
    'at %s ends its own call at most, and another loses no tick',
    async (verb) => {
      const { clock, removed, place, placeSound } = createBench();
      const sound = placeSound();
      const faulty = createFaultyLeg('+15550001', [verb]);
      const { call, endings } = place(faulty.leg);
      call.attach(link);
      call.command({ type: 'answer', id: 1 });
      faulty.events().answered();
      call.command({ type: 'dtmf', id: 2, digits: '1' });
      await clock.advance(100);
      expect(endings).toEqual(verb === 'hangUp' ? [] : [{ reason: 'failed', by: 'caller' }]);
      call.end({ reason: 'shutdown', by: 'switch' });
      await clock.advance(100);
      expect(sound.endings).toEqual([]);
      expect(sound.caller.played).toBe(10);
      expect(sound.callee.played).toBe(10);
      expect(removed).toEqual([]);
      sound.call.end({ reason: 'shutdown', by: 'switch' });
      expect(clock.pendingTimers).toBe(0);
    },
  );

  it('as a callee makes the ringing fail', async () => {
    const { clock, place } = createBench();
    const caller = createFaultyLeg('+15550001', []);
    const { call, endings } = place(caller.leg, createFaultyLeg('+15559999', ['start']).leg);
    call.nobodyReady();
    await clock.advance(10);
    expect(endings).toEqual([{ reason: 'unanswered', by: 'switch' }]);
  });
});

describe('a link that throws', () => {
  it('ends its own call, and another loses no tick', async () => {
    const { clock, removed, place, placeSound } = createBench();
    const sound = placeSound();
    const caller = createFaultyLeg('+15550001', []);
    const { call, endings } = place(caller.leg);
    const broken = (): never => {
      throw new Error('the link is broken');
    };
    call.attach({ ...link, audio: broken });
    call.command({ type: 'answer', id: 1 });
    caller.events().answered();
    await clock.advance(100);
    expect(endings).toEqual([{ reason: 'failed', by: 'switch' }]);
    expect(sound.caller.played).toBe(5);
    expect(removed).toEqual([]);
  });
});

describe('a leg', () => {
  it('at a rate without whole ticks is refused', () => {
    const { place } = createBench();
    expect(() => place(createFaultyLeg('+15550001', [], 11_025).leg)).toThrow(RangeError);
  });

  it('as a callee at such a rate is hung up and counts as unreachable', async () => {
    const { place } = createBench();
    const { call, endings } = place(createFaultyLeg('+15550001', []).leg, createFaultyLeg('+15559999', [], 11_025).leg);
    call.nobodyReady();
    expect(endings).toEqual([{ reason: 'unanswered', by: 'switch' }]);
  });

  it('is not heard with what it sent before its line was open', async () => {
    const { clock, place } = createBench();
    const caller = createFaultyLeg('+15550001', []);
    const { call } = place(caller.leg);
    const heard = new Set<number>();
    call.attach({ ...link, audio: (_, samples) => samples.every((sample) => heard.add(sample)) });
    caller.events().audio(new Int16Array(1200).fill(1000), 0);
    call.command({ type: 'answer', id: 1 });
    caller.events().answered();
    caller.events().audio(new Int16Array(1200).fill(2000), 1200);
    await clock.advance(100);
    expect(heard).toContain(2000);
    expect(heard).not.toContain(1000);
    call.end({ reason: 'shutdown', by: 'switch' });
  });

  it('that is gone is not told of again, nor heard', async () => {
    const { clock, place } = createBench();
    const caller = createFaultyLeg('+15550001', []);
    const { endings } = place(caller.leg);
    caller.events().ended('hangup');
    caller.events().ended('failed');
    caller.events().answered();
    caller.events().audio(new Int16Array(480), 0);
    caller.events().dtmf('1', 100);
    await clock.advance(100);
    expect(endings).toEqual([{ reason: 'hangup', by: 'caller' }]);
    expect(clock.pendingTimers).toBe(0);
  });
});
