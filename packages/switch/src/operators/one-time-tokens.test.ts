import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { createOneTimeTokens } from './one-time-tokens.ts';

function setUp(perOwner = 3) {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const tokens = createOneTimeTokens<{ readonly owner: string; readonly name?: string }>({
    clock,
    prefix: 'xy',
    perOwner,
    ownerOf: ({ owner }) => owner,
  });
  return { clock, tokens };
}

describe('one-time tokens', () => {
  it('give what they were issued for once, and nothing to a second use', () => {
    const { tokens } = setUp();
    const grant = { owner: 'a' };
    const token = tokens.issue(grant, 1_000);
    expect(tokens.take(token)).toBe(grant);
    expect(tokens.take(token)).toBeUndefined();
  });

  it('are 256 random bits behind a prefix that tells what they are', () => {
    const { tokens } = setUp(100);
    const all = Array.from({ length: 50 }, () => tokens.issue({ owner: 'a' }, 1_000));
    expect(new Set(all).size).toBe(50);
    for (const token of all) expect(token).toMatch(/^xy_[\w-]{43}$/);
  });

  it.each([
    ['a millisecond before its end', 'opens', 999],
    ['at its end', 'opens nothing', 1_000],
    ['long after it', 'opens nothing', 100_000],
  ])('%s one %s', async (_, outcome, ms) => {
    const { clock, tokens } = setUp();
    const token = tokens.issue({ owner: 'a' }, 1_000);
    await clock.advance(ms);
    expect(tokens.take(token) !== undefined).toBe(outcome === 'opens');
  });

  it('up to the bound are all good', () => {
    const { tokens } = setUp(20);
    const all = Array.from({ length: 20 }, () => tokens.issue({ owner: 'a' }, 1_000));
    expect(all.filter((token) => tokens.take(token) === undefined)).toEqual([]);
  });

  it('beyond the bound push out the oldest of the same owner, and nobody else’s', () => {
    const { tokens } = setUp(2);
    const foreign = tokens.issue({ owner: 'b' }, 1_000);
    const [first = '', second = '', third = ''] = [1, 2, 3].map(() => tokens.issue({ owner: 'a' }, 1_000));
    expect(tokens.take(first)).toBeUndefined();
    for (const token of [second, third, foreign]) expect(tokens.take(token)).toBeDefined();
  });

  it('that were used or have expired do not count for the bound', async () => {
    const { clock, tokens } = setUp(2);
    const kept = tokens.issue({ owner: 'a' }, 1_000);
    tokens.issue({ owner: 'a' }, 10);
    await clock.advance(10);
    const used = tokens.issue({ owner: 'a' }, 1_000);
    expect(tokens.take(used)).toBeDefined();
    const newest = tokens.issue({ owner: 'a' }, 1_000);
    for (const token of [kept, newest]) expect(tokens.take(token)).toBeDefined();
  });

  it('of an owner that is forgotten open nothing; those of others do', () => {
    const { tokens } = setUp();
    const gone = tokens.issue({ owner: 'a' }, 1_000);
    const kept = tokens.issue({ owner: 'b' }, 1_000);
    tokens.forget('a');
    expect(tokens.take(gone)).toBeUndefined();
    expect(tokens.take(kept)).toBeDefined();
  });
});
