import { type Clock, sleep } from '@agentao/clock';

const withinMs = 20_000;

/** Waits for something that happens elsewhere; throws with what it was after 20 s. */
export async function waitUntil(clock: Clock, condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = clock.now() + withinMs;
  while (!condition()) {
    if (clock.now() > deadlineMs) throw new Error(`not within ${withinMs / 1_000} s: ${what}`);
    await sleep(clock, 20);
  }
}
