import { expect, it } from 'vitest';
import { createBoundedRelay } from './bounded-relay.ts';

it('shows what comes up to its bound, says once that there is more, and shows nothing of that', () => {
  const shown: string[] = [];
  const relay = createBoundedRelay((text) => shown.push(text), 10);
  for (const text of ['one\n', '\n', 'two three', 'four', 'five']) relay(text);
  expect(shown).toEqual(['one', 'two t', '(That is 10 characters; the rest is left out.)']);
});
