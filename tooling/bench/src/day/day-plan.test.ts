import { expect, it } from 'vitest';
import { createSeededRandom } from '../cuts/seeded-random.ts';
import { planDay } from './day-plan.ts';

it('plans calls in order of time, more of them at noon than at night, the same for the same seed', () => {
  const plan = planDay(5_000, createSeededRandom(3));
  const times = plan.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times.every((atMs) => atMs >= 0 && atMs < 86_400_000)).toBe(true);
  const during = (hour: number): number => times.filter((atMs) => Math.floor(atMs / 3_600_000) === hour).length;
  expect(during(10)).toBeGreaterThan(10 * during(3));
  expect(plan).toEqual(planDay(5_000, createSeededRandom(3)));
});
