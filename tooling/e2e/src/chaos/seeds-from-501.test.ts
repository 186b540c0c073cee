import { it } from 'vitest';
import { runSeeds } from './seeds.ts';

// Continuous integration has no time for all two thousand.
it.skipIf(process.env['CI'] !== undefined)(
  'whatever agents, phones and the network do, all comes to one end on both sides, and nothing is left: seeds 501 to 1000',
  async () => {
    await runSeeds({ first: 501, count: 500, atLeast: { calls: 500, resumed: 100, takenOver: 20 } });
  },
  300_000,
);
