import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasRepeatedKey } from './repeated-key.ts';

it.each([
  ['{"a":1,"a":2}', true],
  ['{"a":{"b":1},"c":[{"b":1},{"b":2}]}', false],
  ['{"a":[{"b":1,"c":2,"b":3}]}', true],
  ['{"a":"x\\"a\\":","b":"{\\"a\\":1,\\"a\\":2}"}', false],
  ['{"a":"a","b":"a","c":["a","a"]}', false],
  ['{ "a" : 1 , "a" : 2 }', true],
  ['7', false],
  ['{', false],
])('%s: %j', (text, repeated) => {
  expect(hasRepeatedKey(text)).toBe(repeated);
});

it('finds nothing in what JSON.stringify writes', () => {
  fc.assert(fc.property(fc.json(), (text) => !hasRepeatedKey(JSON.stringify(JSON.parse(text)))));
});
