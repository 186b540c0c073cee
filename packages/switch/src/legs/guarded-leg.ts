import type { Clock } from '@agentao/clock';
import type { Leg, LegEvents } from './leg.ts';

/**
 * A leg whose faults stay its own: what it throws becomes the end of the leg, told a moment later; after its end nothing reaches
 * either side, and `ended` is told once.
 */
export function guardLeg(leg: Leg, clock: Clock): Leg {
  let events: LegEvents | undefined;
  let over = false;

  const attempt = (action: () => void): void => {
    if (over) return;
    try {
      action();
    } catch {
      clock.setTimer(clock.now(), () => end('failed'));
    }
  };
  const tell = (action: (to: LegEvents) => void): void => {
    if (!over && events !== undefined) action(events);
  };
  const end: LegEvents['ended'] = (reason) => {
    tell((to) => {
      over = true;
      to.ended(reason);
    });
  };

  return {
    number: leg.number,
    sampleRateHz: leg.sampleRateHz,
    get outputDelayMs() {
      return leg.outputDelayMs;
    },
    start(to) {
      events = to;
      attempt(() =>
        leg.start({
          answered: () => tell((own) => own.answered()),
          answerFailed: (message) => tell((own) => own.answerFailed(message)),
          ended: end,
          audio: (samples, position) => tell((own) => own.audio(samples, position)),
          dtmf: (digit, durationMs) => tell((own) => own.dtmf(digit, durationMs)),
        }),
      );
    },
    answer: () => attempt(() => leg.answer()),
    hangUp: (reason, by) => attempt(() => leg.hangUp(reason, by)),
    play: (samples) => attempt(() => leg.play(samples)),
    skip: (samples) => attempt(() => leg.skip?.(samples)),
    sendDtmf: (digits) => attempt(() => leg.sendDtmf(digits)),
  };
}
