import { expect, it } from 'vitest';
import { fellBack, judgeWaits } from './back-off.ts';

const bounds = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000];

/** Waits that a client meant to have, on a machine that adds so much to each. */
function seen(meantMs: readonly number[], lateMs: readonly number[] = []) {
  return meantMs.map((ms, index) => {
    const late = lateMs[index] ?? 0;
    return { waitMs: ms + late, boundMs: bounds[index] ?? 30_000, lateMs: late };
  });
}

it('takes random waits below a bound that doubles', () => {
  expect(() => judgeWaits(seen([230, 610, 90, 2_800]))).not.toThrow();
});

it('takes them on a machine that is late', () => {
  expect(() => judgeWaits(seen([230, 610, 90, 2_800], [900, 30, 1_700, 400]))).not.toThrow();
});

it.each([
  ['tries again at once', [0, 0, 0, 0, 0, 0, 0], []],
  ['tries again at once on a machine that is late', [0, 0, 0, 0, 0, 0, 0], [40, 900, 35, 1_500, 2_000, 20, 60]],
  ['waits no longer than at first', [80, 40, 30, 90, 20, 60, 10], []],
  [
    'waits no longer than at first on a machine that is late',
    [80, 400, 30, 490, 20, 60, 10],
    [0, 900, 20, 3_000, 0, 0, 0],
  ],
])('finds a client that %s', (_what, meantMs, lateMs) => {
  expect(fellBack(seen(meantMs, lateMs))).toBe(true);
  expect(() => judgeWaits(seen(meantMs, lateMs))).toThrow('waits');
});
