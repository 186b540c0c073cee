import { expect, it } from 'vitest';
import { createSeededRandom } from '../cuts/seeded-random.ts';
import { faultKinds, planFaults } from './fault-plan.ts';

it('plans every kind of fault within every twenty seconds, the same for the same seed', () => {
  const faults = planFaults(60_000, createSeededRandom(5));
  expect(faults).toHaveLength(60);
  for (let from = 0; from < 60; from += 20) {
    expect(new Set(faults.slice(from, from + 20).map(({ kind }) => kind))).toEqual(new Set(faultKinds));
  }
  expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  expect(planFaults(60_000, createSeededRandom(5))).toEqual(faults);
  expect(planFaults(60_000, createSeededRandom(6))).not.toEqual(faults);
});
