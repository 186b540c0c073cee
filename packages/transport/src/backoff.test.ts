import { describe, expect, it } from 'vitest';
import { createBackoff } from './backoff.ts';

describe('back-off', () => {
  it('doubles its bound up to the cap', () => {
    const backoff = createBackoff({ baseMs: 100, capMs: 1000, random: () => 0.999 });
    expect([1, 2, 3, 4, 5, 6].map(() => Math.ceil(backoff.next()))).toEqual([100, 200, 400, 800, 999, 999]);
  });

  it('spreads each delay over the whole range below its bound', () => {
    let drawn = 0;
    const backoff = createBackoff({ baseMs: 100, capMs: 100, random: () => drawn });
    expect(backoff.next()).toBe(0);
    drawn = 0.5;
    expect(backoff.next()).toBe(50);
  });

  it('starts afresh after a session that lived, not after one that died young', () => {
    const backoff = createBackoff({ baseMs: 100, capMs: 1000, random: () => 0.5 });
    backoff.next();
    backoff.next();
    backoff.sessionLived(999);
    expect(backoff.next()).toBe(200);
    backoff.sessionLived(1000);
    expect(backoff.next()).toBe(50);
  });

  it('refuses bounds that are none', () => {
    expect(() => createBackoff({ baseMs: 0, capMs: 1 })).toThrow(RangeError);
    expect(() => createBackoff({ baseMs: 2, capMs: 1 })).toThrow(RangeError);
  });
});
