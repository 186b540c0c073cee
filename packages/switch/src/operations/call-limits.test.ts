import { createVirtualClock } from '@agentao/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveConnector } from '../connectors/connector.ts';
import { createCallLimiter } from './call-limits.ts';

const clockOf = () => createVirtualClock({ settle: () => Promise.resolve() });
const connector = (limits: { maxCalls?: number; callsPerSecond?: number }, uuid = 'c') =>
  resolveConnector({ uuid, numbers: ['*'], limits });

describe('the limits of a connector', () => {
  it('refuse the call beyond maxCalls', () => {
    const limiter = createCallLimiter(clockOf());
    expect(limiter.refuses(connector({ maxCalls: 2 }), 1)).toBeUndefined();
    expect(limiter.refuses(connector({ maxCalls: 2 }), 2)).toMatchObject({ reason: 'limit' });
  });

  it('refuse what comes faster than callsPerSecond, each connector by itself', async () => {
    const clock = clockOf();
    const limiter = createCallLimiter(clock);
    const [one, other] = [connector({ callsPerSecond: 2 }), connector({ callsPerSecond: 2 }, 'd')];
    const take = (times: number, of = one): number =>
      Array.from({ length: times }, () => limiter.refuses(of, 0)).filter((refusal) => refusal === undefined).length;
    expect(take(5)).toBe(2);
    expect(take(5, other)).toBe(2);
    await clock.advance(500);
    expect(take(5)).toBe(1);
    await clock.advance(60_000);
    expect(take(5)).toBe(2);
  });

  it('let one call through where the rate is below one a second', async () => {
    const clock = clockOf();
    const limiter = createCallLimiter(clock);
    const slow = connector({ callsPerSecond: 0.1 });
    expect(limiter.refuses(slow, 0)).toBeUndefined();
    await clock.advance(9_000);
    expect(limiter.refuses(slow, 0)).toMatchObject({ reason: 'rate' });
    await clock.advance(1_000);
    expect(limiter.refuses(slow, 0)).toBeUndefined();
  });

  it('begin anew with another rate, and keep what was used up with the same', () => {
    const limiter = createCallLimiter(clockOf());
    expect(limiter.refuses(connector({ callsPerSecond: 1 }), 0)).toBeUndefined();
    limiter.keep(new Set(['c']));
    expect(limiter.refuses(connector({ callsPerSecond: 1 }), 0)).toBeDefined();
    expect(limiter.refuses(connector({ callsPerSecond: 3 }), 0)).toBeUndefined();
    limiter.keep(new Set());
    expect(limiter.refuses(connector({ callsPerSecond: 1 }), 0)).toBeUndefined();
  });

  it('never let more through than the rate allows in any stretch of time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }),
        async (rate, gaps) => {
          const clock = clockOf();
          const limiter = createCallLimiter(clock);
          const taken: number[] = [];
          for (const gapMs of gaps) {
            await clock.advance(gapMs);
            if (limiter.refuses(connector({ callsPerSecond: rate }), 0) === undefined) taken.push(clock.now());
          }
          for (const [from, startMs] of taken.entries()) {
            for (const [more, endMs] of taken.slice(from).entries()) {
              expect(more + 1).toBeLessThanOrEqual(rate + ((endMs - startMs) * rate) / 1_000 + 1e-6);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
