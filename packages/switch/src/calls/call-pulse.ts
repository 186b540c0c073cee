import type { Wheel } from '@agentao/clock';
import type { Conference } from '../media/conference.ts';
import type { CallLimits } from './call-options.ts';
import type { CallScope } from './call-scope.ts';

/** What moves a call by itself: the ticks and the deadlines. */
export interface PulseOptions {
  readonly wheel: Wheel;
  readonly limits: CallLimits;
  readonly scope: CallScope;
  readonly conference: Conference;
  readonly pendingTooLong: () => void;
  readonly callTooLong: () => void;
}

/** Puts the conference on the wheel and sets the deadlines, all guarded by the call's scope. Disposing takes both back. */
export function startPulse({ wheel, limits, scope, conference, ...events }: PulseOptions): Disposable {
  const tick = (): void => conference.tick();
  const seat = wheel.add({
    tick: () => scope.guarded(tick),
    skipped: (ticks) => conference.skipped(ticks),
  });
  const deadlines = [
    scope.after(limits.maxPendingMs, events.pendingTooLong),
    scope.after(limits.maxCallMs, events.callTooLong),
  ];
  return {
    [Symbol.dispose]: () => {
      seat[Symbol.dispose]();
      for (const timer of deadlines) timer.cancel();
    },
  };
}
