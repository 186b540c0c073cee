import type { Timer } from '@agentao/clock';
import type { CallMode, EndedBy, EndReason } from '@agentao/protocol';
import { guardLeg } from '../legs/guarded-leg.ts';
import type { Leg, LegEnd } from '../legs/leg.ts';
import { createLegChannel, type LegChannel } from '../legs/leg-channel.ts';
import type { Conference } from '../media/conference.ts';
import { type AttemptFailure, attemptFailure } from './leg-endings.ts';
import type { CallScope } from './call-scope.ts';

/** Who wants the callee rung, and for how long. */
export interface RingWish {
  /** The `connect` command; `undefined` where the switch rings without an agent. */
  readonly connectId: number | undefined;
  /** The mode the agent asked for. */
  readonly mode: CallMode;
  readonly ringTimeMs: number;
}

/** The callee's end of a call: nobody, a phone that rings, one that was picked up, or one in conference. */
export interface CalleeLine {
  /** What the callee is rung for, until `connected` or `drop`; picked up or not. */
  readonly wish: RingWish | undefined;
  readonly pickedUp: boolean;
  /** Starts to ring; false if nobody can ring that number. */
  ring(wish: RingWish): boolean;
  /** The callee is in conference from now on: the wish is fulfilled. */
  connected(): void;
  sendDtmf(digits: string): void;
  /** Stops ringing or hangs up; the line is as before `ring`. */
  drop(reason: EndReason, by: EndedBy): void;
}

/** What the line tells the call. */
export interface CalleeLineEvents {
  pickedUp(): void;
  /** The ringing came to nothing; the line is as before. */
  failed(wish: RingWish, failure: AttemptFailure): void;
  /** The callee left the conference. */
  ended(end: LegEnd): void;
  keyPressed(digit: string, durationMs: number): void;
}

/** What a callee's line is made of. `find` starts to ring a phone, or knows none. */
export interface CalleeLineOptions {
  readonly find: () => Leg | undefined;
  readonly scope: CallScope;
  readonly conference: Conference;
  readonly events: CalleeLineEvents;
}

interface Rung {
  readonly leg: Leg;
  readonly wish: RingWish;
  readonly timer: Timer;
  pickedUp: boolean;
  connected: boolean;
}

/** Makes a callee's line with nobody on it. */
export function createCalleeLine({ find, scope, conference, events }: CalleeLineOptions): CalleeLine {
  let current: Rung | undefined;

  const drop = (reason: EndReason, by: EndedBy): void => {
    const rung = current;
    if (rung === undefined) return;
    current = undefined;
    conference.callee = undefined;
    conference.calleeOpen = false;
    rung.timer.cancel();
    rung.leg.hangUp(reason, by);
  };

  const pickUp = (rung: Rung): void => {
    if (current !== rung || rung.pickedUp) return;
    rung.pickedUp = true;
    rung.timer.cancel();
    conference.calleeOpen = true;
    events.pickedUp();
  };

  const fail = (rung: Rung, failure: AttemptFailure): void => {
    if (current !== rung) return;
    drop('unanswered', 'switch');
    events.failed(rung.wish, failure);
  };

  const ended = (rung: Rung, end: LegEnd): void => {
    if (current !== rung) return;
    if (rung.connected) events.ended(end);
    else fail(rung, attemptFailure(end));
  };

  const reach = (): { readonly leg: Leg; readonly channel: LegChannel } | undefined => {
    let leg: Leg | undefined;
    try {
      const found = find();
      if (found === undefined) return undefined;
      leg = guardLeg(found, scope.clock);
      return { leg, channel: createLegChannel(leg) };
    } catch {
      leg?.hangUp('failed', 'switch');
      return undefined;
    }
  };

  return {
    get wish() {
      return current?.connected === false ? current.wish : undefined;
    },
    get pickedUp() {
      return current?.pickedUp === true;
    },
    ring(wish) {
      const reached = reach();
      if (reached === undefined) return false;
      const { leg, channel } = reached;
      const timer = scope.after(wish.ringTimeMs, () =>
        fail(rung, { code: 'CALL_UNANSWERED', message: 'Nobody picked up.' }),
      );
      const rung: Rung = { leg, wish, timer, pickedUp: false, connected: false };
      current = rung;
      conference.callee = channel;
      leg.start({
        answered: () => scope.guarded(() => pickUp(rung)),
        answerFailed: () => {},
        ended: (end) => scope.guarded(() => ended(rung, end)),
        audio: (samples, position) => {
          if (current === rung && rung.pickedUp) channel.push(samples, position);
        },
        dtmf: (digit, durationMs) =>
          scope.guarded(() => {
            if (current === rung) events.keyPressed(digit, durationMs);
          }),
      });
      return true;
    },
    connected() {
      if (current) current.connected = true;
    },
    sendDtmf: (digits) => current?.leg.sendDtmf(digits),
    drop,
  };
}
