import { type Clock, createSystemClock } from '@agentao/clock';
import type { Asked, Status, Told } from './messages.ts';

/** A clock whose wall time can be set. */
export interface SteppedClock extends Clock {
  stepWallTime(ms: number): void;
}

/** The machine's clock, with a wall time of its own. */
export function createSteppedClock(): SteppedClock {
  const clock = createSystemClock(globalThis);
  let offsetMs = 0;
  return {
    ...clock,
    wallTime: () => clock.wallTime() + offsetMs,
    stepWallTime: (ms) => {
      offsetMs += ms;
    },
  };
}

/** Tells the parent. Nothing if it is gone. */
export function tell(message: Told): void {
  if (process.connected) process.send?.(message);
}

/** Ends the process once all that it had to tell has left it. */
export async function leave(): Promise<never> {
  if (process.connected) await new Promise((resolve) => process.send?.({ type: 'done' } satisfies Told, resolve));
  process.exit(0);
}

/** Does what every process of the bench can be asked, hands the rest to `act`, and ends with the parent. */
export function obey(
  clock: SteppedClock,
  status: () => Omit<Status, 'type' | 'rssMb'>,
  act: (asked: Asked) => void = () => undefined,
): void {
  process.on('message', (message) => {
    const asked = message as Asked;
    if (asked.type === 'block') keepBusy(asked.ms);
    else if (asked.type === 'step') clock.stepWallTime(asked.ms);
    else if (asked.type === 'status') tell({ type: 'status', ...status(), rssMb: process.memoryUsage.rss() / 1e6 });
    else act(asked);
  });
  process.once('disconnect', () => process.exit(0));
}

function keepBusy(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}
