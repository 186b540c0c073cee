import { expect, it } from 'vitest';
import { runSeeds } from './chaos/seeds.ts';

// The seeds are in four files, so that they share the cores.
it('whatever agents, phones and the network do, all comes to one end on both sides, and nothing is left: seeds 1 to 500', async () => {
  const { calls, verbs, resumed, displaced, takenOver, heardTicks } = await runSeeds({ first: 1, count: 500 });
  // A run in which nothing happens proves nothing.
  expect(calls).toBeGreaterThan(500);
  expect(verbs).toBeGreaterThan(5_000);
  expect(resumed).toBeGreaterThan(100);
  expect(displaced).toBeGreaterThan(10);
  expect(takenOver).toBeGreaterThan(5);
  expect(heardTicks).toBeGreaterThan(100_000);
}, 300_000);
