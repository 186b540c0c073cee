import { createVirtualClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { createMessageRate } from './message-rate.ts';

it('lets twice the rate through at once and the rate from then on', async () => {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const rate = createMessageRate(clock, 50);
  const taken = (): number => {
    let count = 0;
    while (rate.take()) count++;
    return count;
  };
  expect(taken()).toBe(100);
  await clock.advance(1_000);
  expect(taken()).toBe(50);
  await clock.advance(60_000);
  expect(taken()).toBe(100);
});
