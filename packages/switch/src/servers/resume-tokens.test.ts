import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { createResumeTokens } from './resume-tokens.ts';

function createBench() {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  return { clock, tokens: createResumeTokens<object>(clock), owner: {} };
}

describe('resume tokens', () => {
  it('stay good beside their successors until one of those is shown', () => {
    const { tokens, owner } = createBench();
    const [first, second, third] = [tokens.issue(owner), tokens.issue(owner), tokens.issue(owner)];
    const good = () => [first, second, third].map((token) => tokens.find(token) === owner);
    expect(good()).toEqual([true, true, true]);
    tokens.shown(owner, second);
    expect(good()).toEqual([false, true, true]);
    tokens.shown(owner, first);
    expect(good()).toEqual([false, true, true]);
    tokens.shown(owner, third);
    expect(good()).toEqual([false, false, true]);
  });

  it('are each of one owner, and of nobody once that is forgotten', () => {
    const { tokens, owner } = createBench();
    const other = {};
    const [own, foreign] = [tokens.issue(owner), tokens.issue(other)];
    tokens.forget(owner);
    expect([tokens.find(own), tokens.find(foreign), tokens.find('rt_')]).toEqual([undefined, other, undefined]);
  });

  it('of a retired owner are known for a while, without a timer', async () => {
    const { clock, tokens, owner } = createBench();
    const token = tokens.issue(owner);
    tokens.retire(owner, 1_000);
    await clock.advance(999);
    expect(tokens.find(token)).toBe(owner);
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(1);
    expect(tokens.find(token)).toBeUndefined();
  });

  it('are bounded for one owner, the first and the newest of all kept', () => {
    const { tokens, owner } = createBench();
    const issued = Array.from({ length: 200 }, () => tokens.issue(owner));
    const good = issued.map((token) => tokens.find(token) === owner);
    expect(good.filter(Boolean)).toHaveLength(64);
    expect([good[0], good.at(-1), good[1]]).toEqual([true, true, false]);
  });
});
