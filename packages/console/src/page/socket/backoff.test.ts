import { describe, expect, it } from 'vitest';
import { createBackoff } from './backoff.ts';

describe('back-off', () => {
  it('doubles its bound from 500 ms to 10 s', () => {
    const backoff = createBackoff({ random: () => 0.5 });
    expect([1, 2, 3, 4, 5, 6, 7].map(() => backoff.next())).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
  });

  it('spreads each wait over the whole range below its bound', () => {
    let drawn = 0;
    const backoff = createBackoff({ random: () => drawn });
    expect(backoff.next()).toBe(0);
    drawn = 0.999;
    expect(backoff.next()).toBe(999);
  });

  it('falls back after a connection that lived for ten seconds, not after one that died young', () => {
    const backoff = createBackoff({ random: () => 0.5 });
    backoff.next();
    backoff.next();
    backoff.lived(9999);
    expect(backoff.next()).toBe(1000);
    backoff.lived(10_000);
    expect(backoff.next()).toBe(250);
  });

  it('falls back when a person wants it now', () => {
    const backoff = createBackoff({ random: () => 0.5 });
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });
});
