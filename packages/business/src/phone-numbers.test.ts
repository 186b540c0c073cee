import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { e164Check, normalisePhoneNumber } from './phone-numbers.ts';

it.each([
  ['+15550002', undefined, '+15550002'],
  ['+155', undefined, undefined],
  ['+12125550123', undefined, '+12125550123'],
  ['(212) 555-0123', 'US', '+12125550123'],
  ['020 7946 0000', 'GB', '+442079460000'],
  ['0049 30 901820', 'DE', '+4930901820'],
  ['tel:+44-20-7946-0000', undefined, '+442079460000'],
  ['020 7946 0000', undefined, undefined],
  ['030 12', 'DE', undefined],
  ['+49 1234567890123', undefined, '+491234567890123'],
  ['+49 12345678901234', undefined, undefined],
  ['', undefined, undefined],
  ['anonymous', 'US', undefined],
  ['Restricted', undefined, undefined],
  ['call me at +12125550123 please', undefined, undefined],
  ['1'.repeat(300), 'US', undefined],
])('of %j from %s is %s', (text, country, expected) => {
  expect(normalisePhoneNumber(text, country === undefined ? {} : { country })).toBe(expected);
});

it('refuses a country that there is not', () => {
  expect(() => normalisePhoneNumber('1', { country: 'XX' })).toThrow(/^country: ISO 3166/);
});

it('has a check of SQLite that takes what it gives, and nothing else', () => {
  using db = new DatabaseSync(':memory:');
  db.exec(`CREATE TABLE known (number TEXT CHECK (${e164Check('number')}))`);
  const isTaken = (number: string): boolean => {
    try {
      db.prepare('INSERT INTO known VALUES (?)').run(number);
      return true;
    } catch {
      return false;
    }
  };
  expect(['+442079460000', '+1234567', `+${'1'.repeat(15)}`].filter((number) => !isTaken(number))).toEqual([]);
  const wrong = [
    '',
    'anonymous',
    '442079460000',
    '+0442079460',
    '+44 2079460000',
    '+4420794600x',
    '+123456',
    `+${'1'.repeat(16)}`,
  ];
  expect(wrong.filter(isTaken)).toEqual([]);
});
