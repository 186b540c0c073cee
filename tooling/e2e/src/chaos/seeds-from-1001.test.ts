import { expect, it } from 'vitest';
import { runSeeds } from './seeds.ts';

it('whatever agents, phones and the network do, all comes to one end on both sides, and nothing is left: seeds 1001 to 1500', async () => {
  const { calls, resumed } = await runSeeds({ first: 1001, count: 500 });
  expect(calls).toBeGreaterThan(500);
  expect(resumed).toBeGreaterThan(100);
}, 300_000);
