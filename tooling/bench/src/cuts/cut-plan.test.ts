import { expect, it } from 'vitest';
import { longestDownMs, planCuts } from './cut-plan.ts';

it('plans cuts of every kind, each with room to come back before the next', () => {
  const cuts = planCuts(10, 60_000, () => 0.999);
  expect(new Set(cuts.map(({ breakage, downMs }) => `${breakage.kind} ${Math.sign(downMs)}`))).toEqual(
    new Set(['cut 0', 'cut 1', 'half-open 0']),
  );
  for (const [index, { atMs, downMs }] of cuts.entries()) {
    expect(downMs).toBeLessThanOrEqual(longestDownMs);
    expect((cuts[index + 1]?.atMs ?? 60_000) - atMs).toBeGreaterThan(3_000);
  }
});

it('refuses more cuts than there is time for', () => {
  expect(() => planCuts(10, 30_000, () => 0)).toThrow(/34 s/);
});
