import { type Clock, createSystemClock, sleep } from '@agentao/clock';

/** The kit plays a switch in real time, because the client under test is another program. */
export const clock: Clock = createSystemClock(globalThis);

/** Within which a client does what it does at once, on a machine with other things to do. */
export const patienceMs = 5_000;

/** By how much another program may be late on a busy machine. */
export const lateMs = 1_000;

/** How long after its time something that must not come is waited for. */
export const slackMs = 400;

/** Resolves after so many milliseconds. */
export function wait(ms: number): Promise<void> {
  return sleep(clock, ms);
}
