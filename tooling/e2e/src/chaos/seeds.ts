import fc from 'fast-check';
import { type RunFigures, runPlan } from './run-plan.ts';
import { plan } from './plan.ts';

/** All figures of many runs together. */
export type SeedFigures = { -readonly [Name in keyof RunFigures]: number };

/**
 * Runs every seed from `first` on; a failure is shrunk and told with its seed and path. `CHAOS_SEED=17` runs this one alone, and
 * `CHAOS_PATH=0:1:2` beside it the very run that was told.
 */
export async function runSeeds({
  first,
  count,
}: {
  readonly first: number;
  readonly count: number;
}): Promise<SeedFigures> {
  const { CHAOS_SEED, CHAOS_PATH } = process.env;
  const seeds = CHAOS_SEED === undefined ? Array.from({ length: count }, (_, i) => first + i) : [Number(CHAOS_SEED)];
  const sum: SeedFigures = {
    calls: 0,
    verbs: 0,
    resumed: 0,
    displaced: 0,
    takenOver: 0,
    heardTicks: 0,
    peakBytes: 0,
    virtualMs: 0,
  };
  const property = fc.asyncProperty(plan, async (each) => {
    const figures = await runPlan(each);
    for (const name of Object.keys(sum) as (keyof SeedFigures)[])
      sum[name] = name === 'peakBytes' ? Math.max(sum[name], figures[name]) : sum[name] + figures[name];
  });
  for (const seed of seeds) {
    await fc.assert(property, {
      seed,
      numRuns: 1,
      interruptAfterTimeLimit: 60_000,
      ...(CHAOS_PATH === undefined ? {} : { path: CHAOS_PATH }),
    });
  }
  return sum;
}
