import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonBytes } from './json-bytes.ts';

it('counts the bytes that JSON takes in UTF-8', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (value) => {
      expect(jsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
    }),
  );
  expect(jsonBytes('\ud800 a\u00e9\u20ac\u{1f4de}')).toBe(
    Buffer.byteLength(JSON.stringify('\ud800 a\u00e9\u20ac\u{1f4de}')),
  );
});
