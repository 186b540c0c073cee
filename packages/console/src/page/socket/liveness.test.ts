import { describe, expect, it } from 'vitest';
import { type Liveness, watchLiveness } from './liveness.ts';
import { createTestTime, type TestTime } from './test-time.ts';

interface Bench {
  readonly time: TestTime;
  readonly liveness: Liveness;
  readonly pings: number[];
  readonly deaths: number[];
}

function watch(): Bench {
  const time = createTestTime();
  const startMs = time.now();
  const pings: number[] = [];
  const deaths: number[] = [];
  const liveness = watchLiveness({
    time,
    pingMs: 500,
    deadMs: 2000,
    ping: () => pings.push(time.now() - startMs),
    dead: () => deaths.push(time.now() - startMs),
  });
  return { time, liveness, pings, deaths };
}

describe('liveness', () => {
  it('pings a silent peer every half second and finds it dead after two seconds', () => {
    const { time, pings, deaths } = watch();
    time.advance(60_000);
    expect(pings).toEqual([500, 1000, 1500]);
    expect(deaths).toEqual([2000]);
    expect(time.pending).toBe(0);
  });

  it('leaves a peer in peace that talks', () => {
    const { time, liveness, pings, deaths } = watch();
    for (let i = 0; i < 100; i++) {
      time.advance(20);
      liveness.heard();
    }
    expect(pings).toEqual([]);
    time.advance(1999);
    expect(deaths).toEqual([]);
    time.advance(1);
    expect(deaths).toEqual([4000]);
  });

  it('asks again after the page itself stood still, and goes on if there is an answer', () => {
    const { time, liveness, pings, deaths } = watch();
    time.leap(3_600_000);
    expect(pings).toEqual([3_600_000]);
    expect(deaths).toEqual([]);
    time.advance(100);
    liveness.heard();
    time.advance(1900);
    expect(deaths).toEqual([]);
  });

  it('finds a peer dead that does not answer after the page stood still', () => {
    const { time, deaths } = watch();
    time.leap(10_000);
    time.advance(2000);
    expect(deaths).toEqual([12_000]);
  });

  it('spares a silent peer once only, however late the timers of a hidden tab are', () => {
    const { time, deaths } = watch();
    time.leap(60_000);
    time.leap(60_000);
    expect(deaths).toEqual([120_000]);
  });

  it('looks when it is told to, without waiting for a timer', () => {
    const { time, liveness, pings } = watch();
    time.held = true;
    time.advance(600);
    liveness.look();
    expect(pings).toEqual([600]);
  });

  it('stops', () => {
    const { time, liveness, pings, deaths } = watch();
    liveness.stop();
    time.advance(10_000);
    liveness.look();
    expect([pings, deaths, time.pending]).toEqual([[], [], 0]);
  });
});
