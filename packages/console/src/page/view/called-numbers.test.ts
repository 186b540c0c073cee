import { expect, it } from 'vitest';
import { firstNumber, wholeNumbers } from './called-numbers.ts';

it('prefers whole numbers to prefixes', () => {
  expect(wholeNumbers(['+1555*', '+15559999'])).toEqual(['+15559999']);
  expect(firstNumber(['+1555*', '+15559999'])).toBe('+15559999');
});

it('starts with a prefix where there is nothing else, and with nothing where there is nothing', () => {
  expect(firstNumber(['+1555*'])).toBe('+1555');
  expect(firstNumber([])).toBe('');
});
