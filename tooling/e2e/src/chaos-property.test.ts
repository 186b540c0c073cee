import { it } from 'vitest';
import { runSeeds } from './chaos/seeds.ts';

// The seeds are in four files, so that they share the cores.
it('whatever agents, phones and the network do, all comes to one end on both sides, and nothing is left: seeds 1 to 500', async () => {
  const atLeast = { calls: 500, verbs: 5_000, resumed: 100, displaced: 10, takenOver: 20, heardTicks: 100_000 };
  await runSeeds({ first: 1, count: 500, atLeast });
}, 300_000);
