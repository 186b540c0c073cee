import { expect, it } from 'vitest';
import { runSeeds } from './seeds.ts';

it('whatever agents, phones and the network do, all comes to one end on both sides, and nothing is left: seeds 501 to 1000', async () => {
  const { calls, resumed } = await runSeeds({ first: 501, count: 500 });
  expect(calls).toBeGreaterThan(500);
  expect(resumed).toBeGreaterThan(100);
}, 300_000);
