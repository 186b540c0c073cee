import { expect, it } from 'vitest';
import { showDuration, showSeconds, showTimeOfDay } from './show-time.ts';

it('shows minutes and seconds, hours only when there are some, and never less than nothing', () => {
  expect([0, 7_999, 765_000, 3_723_000, -500].map(showDuration)).toEqual(['0:00', '0:07', '12:45', '1:02:03', '0:00']);
});

it('shows seconds with three decimals', () => {
  expect([0, 11, 20_100, 14_400_000].map(showSeconds)).toEqual(['0.000', '0.011', '20.100', '14400.000']);
});

it('shows the local time of day with two digits each', () => {
  expect(showTimeOfDay(new Date(2026, 0, 1, 9, 5, 59).getTime())).toBe('09:05:59');
});
