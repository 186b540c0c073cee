import { expect, it } from 'vitest';
import { litFraction, nextShownDb, showLevel } from './meter-scale.ts';

it('lights nothing at -60 dB and below, half at -30, all at full scale and above', () => {
  expect([-120, -60, -30, 0, 6].map(litFraction)).toEqual([0, 0, 0.5, 1, 1]);
});

it('rises at once and falls by 40 dB a second, however long the silence was', () => {
  expect(nextShownDb(-120, -18, 16)).toBe(-18);
  expect(nextShownDb(-20, -120, 500)).toBe(-40);
  expect(nextShownDb(-20, -25, 500)).toBe(-25);
});

it('tells whole decibels, and silence where there is nothing to speak of', () => {
  expect([-21.5, -18.4, -60, -120].map(showLevel)).toEqual(['-21 dB', '-18 dB', 'silence', 'silence']);
});
