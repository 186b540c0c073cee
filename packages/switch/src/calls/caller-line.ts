import type { Timer } from '@agentao/clock';
import type { EndedBy, EndReason } from '@agentao/protocol';
import { guardLeg } from '../legs/guarded-leg.ts';
import type { Leg, LegEnd } from '../legs/leg.ts';
import { createLegChannel } from '../legs/leg-channel.ts';
import type { Conference } from '../media/conference.ts';
import type { CallScope } from './call-scope.ts';

/** The caller's end of a call: its leg, its place in the conference, the answer under way. */
export interface CallerLine {
  /** The caller was asked to pick up and has not yet, nor failed to. */
  readonly answering: boolean;
  start(): void;
  /** Asks the caller's phone to pick up; nothing more where that is under way. */
  answer(): void;
  sendDtmf(digits: string): void;
  /** Hangs up and forgets the answer under way. */
  hangUp(reason: EndReason, by: EndedBy): void;
}

/** What the line tells the call. */
export interface CallerLineEvents {
  /** The line is open; also after `answerFailed`, when the phone was merely late. */
  answered(): void;
  answerFailed(message: string): void;
  ended(end: LegEnd): void;
  keyPressed(digit: string, durationMs: number): void;
}

/** A caller that was asked to pick up counts as not answered after this time; below the deadline of a client's verb. */
export const answerTimeoutMs = 8_000;

/** Makes the caller's line. Throws `RangeError` where the leg's rate cannot be served. */
export function createCallerLine(
  incoming: Leg,
  options: { readonly scope: CallScope; readonly conference: Conference; readonly events: CallerLineEvents },
): CallerLine {
  const { scope, conference, events } = options;
  const leg = guardLeg(incoming, scope.clock);
  const channel = createLegChannel(leg);
  conference.caller = channel;
  let timer: Timer | undefined;

  const settle = (): void => {
    timer?.cancel();
    timer = undefined;
  };
  const failed = (message: string): void => {
    if (timer === undefined) return;
    settle();
    events.answerFailed(message);
  };

  return {
    get answering() {
      return timer !== undefined;
    },
    start() {
      leg.start({
        answered: () =>
          scope.guarded(() => {
            settle();
            conference.callerOpen = true;
            events.answered();
          }),
        answerFailed: (message) => scope.guarded(() => failed(message)),
        ended: (end) => scope.guarded(() => events.ended(end)),
        audio: (samples, position) => {
          if (conference.callerOpen) channel.push(samples, position);
        },
        dtmf: (digit, durationMs) => scope.guarded(() => events.keyPressed(digit, durationMs)),
      });
    },
    answer() {
      if (timer !== undefined) return;
      timer = scope.after(answerTimeoutMs, () => failed('The line did not open in time.'));
      leg.answer();
    },
    sendDtmf: (digits) => leg.sendDtmf(digits),
    hangUp(reason, by) {
      settle();
      leg.hangUp(reason, by);
    },
  };
}
