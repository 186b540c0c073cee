import fc from 'fast-check';
import { expect } from 'vitest';
import { type RunFigures, runPlan } from './run-plan.ts';
import { plan } from './plan.ts';

/** All figures of many runs together. */
type SeedFigures = { -readonly [Name in keyof RunFigures]: number };

/** Which seeds, and what must have happened in them: a run in which nothing happens proves nothing. */
export interface SeedOptions {
  readonly first: number;
  readonly count: number;
  readonly atLeast: Partial<RunFigures>;
}

/**
 * Runs every seed from `first` on; a failure is shrunk and told with its seed and path. `CHAOS_SEED=17` runs this one alone, and
 * `CHAOS_PATH=0:1:2` beside it the very run that was told.
 */
export async function runSeeds({ first, count, atLeast }: SeedOptions): Promise<void> {
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
      ...(CHAOS_PATH === undefined ? {} : { path: CHAOS_PATH, endOnFailure: true }),
    });
  }
  if (CHAOS_SEED === undefined) expect(sum).toSatisfy(reaches(atLeast), JSON.stringify(atLeast));
}

function reaches(atLeast: Partial<RunFigures>): (sum: SeedFigures) => boolean {
  return (sum) => Object.entries(atLeast).every(([name, least]) => sum[name as keyof SeedFigures] >= least);
}
