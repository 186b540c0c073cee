import { sleep } from '@agentao/clock';
import { expect, it } from 'vitest';
import { createProcessClock } from './process-clock.ts';

function standStill(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

it('does not count the time in which the process stood still', async () => {
  const clock = createProcessClock();
  const fired: string[] = [];
  const startMs = clock.now();
  clock.setTimer(startMs + 150, () => fired.push('late'));
  const begunMs = clock.now();
  expect(begunMs).toBeGreaterThanOrEqual(startMs);
  standStill(300);
  expect(clock.now() - begunMs).toBeLessThanOrEqual(20);
  clock.setTimer(startMs + 90, () => fired.push('early'));
  await sleep(clock, 200);
  expect(fired).toEqual(['early', 'late']);
});

it('fires when it is due and not before, and goes on with the system when nothing is pending', async () => {
  const clock = createProcessClock();
  const startMs = clock.now();
  standStill(60);
  expect(clock.now() - startMs).toBeGreaterThanOrEqual(60);
  const dueMs = clock.now() + 30;
  await sleep(clock, 30);
  expect(clock.now()).toBeGreaterThanOrEqual(dueMs);
});

it('forgets what is cancelled, once', async () => {
  const clock = createProcessClock();
  const fired: string[] = [];
  const timer = clock.setTimer(clock.now() + 10, () => fired.push('cancelled'));
  timer.cancel();
  timer.cancel();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const startMs = clock.now();
  standStill(60);
  expect(clock.now() - startMs).toBeGreaterThanOrEqual(60);
  await sleep(clock, 20);
  expect(fired).toEqual([]);
});
