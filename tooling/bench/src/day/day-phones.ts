import type { Clock } from '@agentao/clock';
import type { IncomingOutcome, Leg, LegEnd, LegEvents, LegHost, LegProvider } from '@agentao/switch';
import type { CalleeManner } from './day-plan.ts';

/** A leg whose phone counts what it is told. */
interface CountedLeg {
  readonly leg: Leg;
  /** Ends it from the phone's side. */
  leave(end: LegEnd): void;
  readonly ends: number;
}

/** A phone that dialled. */
export interface DayCaller {
  readonly outcome: IncomingOutcome;
  /** How often its leg was over; once at the end. */
  readonly ends: number;
  hangUp(): void;
}

/** Phones without a voice: they cost a call nothing but its ticks. What they hear is counted. */
export interface DayPhones extends LegProvider {
  readonly heardTicks: number;
  /** Ticks in which there was something to hear. */
  readonly loudTicks: number;
  /** Legs that have not ended. */
  readonly openLegs: number;
  /** Calls `to`; `onEnded` is told once when the leg is over. */
  dial(from: string, to: string, onEnded: () => void): DayCaller;
  /** What is done when this number is rung; without it nobody is there. */
  readonly callees: Map<string, { readonly manner: CalleeManner; readonly paceMs: number }>;
}

/** Makes them. */
export function createDayPhones(clock: Clock): DayPhones {
  let host: LegHost | undefined;
  let heardTicks = 0;
  let loudTicks = 0;
  let openLegs = 0;

  const createLeg = (number: string, does: { started?(to: LegEvents): void; ended(): void }): CountedLeg => {
    let events: LegEvents | undefined;
    let ends = 0;
    const over = (end: LegEnd): void => {
      if (++ends > 1) return;
      openLegs--;
      does.ended();
      queueMicrotask(() => events?.ended(end));
    };
    openLegs++;
    return {
      get ends() {
        return ends;
      },
      leave: (end) => {
        if (ends === 0) over(end);
      },
      leg: {
        number,
        sampleRateHz: 24_000,
        outputDelayMs: 0,
        start: (to) => {
          events = to;
          does.started?.(to);
        },
        answer: () => queueMicrotask(() => events?.answered()),
        hangUp: () => {
          if (ends === 0) over('hangup');
        },
        play: (samples) => {
          heardTicks++;
          // Tones of all kinds have a sample that is not nought at one of these places.
          if (samples[7] !== 0 || samples[240] !== 0 || samples[333] !== 0) loudTicks++;
        },
        sendDtmf: () => {},
      },
    };
  };

  const callees: DayPhones['callees'] = new Map();
  return {
    name: 'day',
    start: (to) => {
      host = to;
    },
    ring: ({ number }) => {
      const callee = callees.get(number);
      if (callee === undefined) return undefined;
      const { manner, paceMs } = callee;
      const later = (ms: number, act: () => void): void => void clock.setTimer(clock.now() + ms, act);
      const counted = createLeg(number, {
        started: (to) => {
          if (manner === 'rejects') later(paceMs / 2, () => counted.leave('rejected'));
          if (manner === 'ignores' || manner === 'rejects') return;
          later(Math.min(paceMs, 3_000), () => {
            if (counted.ends > 0) return;
            to.answered();
            if (manner === 'leaves') later(paceMs, () => counted.leave('hangup'));
          });
        },
        ended: () => undefined,
      });
      return counted.leg;
    },
    close: async () => {},
    callees,
    dial: (from, to, onEnded) => {
      if (host === undefined) throw new Error('the switch has not started');
      const counted = createLeg(from, { ended: onEnded });
      const outcome = host.incoming({ caller: counted.leg, calleeNumber: to });
      if (!outcome.accepted) counted.leave('rejected');
      return {
        outcome,
        get ends() {
          return counted.ends;
        },
        hangUp: () => counted.leave('hangup'),
      };
    },
    get heardTicks() {
      return heardTicks;
    },
    get loudTicks() {
      return loudTicks;
    },
    get openLegs() {
      return openLegs;
    },
  };
}
