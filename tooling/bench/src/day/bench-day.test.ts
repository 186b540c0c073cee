import { expect, it } from 'vitest';
import { runDay } from './run-day.ts';

it('a day of few calls leaves nothing behind, and every call has ended once on each side', async () => {
  const calls = 60;
  const quarters: number[] = [];
  const outcome = await runDay({ calls, seed: 7, onQuarter: (quarter) => quarters.push(quarter) });
  expect(quarters).toEqual([1, 2, 3, 4]);
  expect(outcome).toMatchObject({
    accepted: calls,
    refused: 0,
    endedOtherThanOnce: 0,
    faults: [],
    left: { calls: 0, connections: 0, timers: 0 },
    phones: { openLegs: 0 },
    agents: { unsettled: 0, endings: { events: outcome.agents.handled, promises: outcome.agents.handled } },
  });
  expect([...outcome.endings.values()].reduce((sum, count) => sum + count, 0)).toBe(calls);
  expect(outcome.phones.loudTicks).toBeGreaterThan(calls);
});
