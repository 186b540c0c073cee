import { createVirtualClock, type WheelStats } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { createPacingWatch, type PacingWatch, type SheddingOptions } from './pacing-watch.ts';

interface Bench {
  readonly watch: PacingWatch;
  readonly worst: readonly number[];
  readonly turns: readonly (readonly [atMs: number, shedding: boolean])[];
  /** Lets time pass, with these ticks of 50 calls a second. */
  pass(
    ms: number,
    ticks?: { readonly late?: number; readonly skipped?: number; readonly calls?: number },
  ): Promise<void>;
  reset(): void;
  readonly pending: number;
}

function createBench(shedding: SheddingOptions | undefined = {}): Bench {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  let stats: WheelStats = { ticks: 0, lateTicks: 0, skippedTicks: 0, maxLatenessMs: 0 };
  const worst: number[] = [];
  const turns: (readonly [number, boolean])[] = [];
  let pending = 0;
  let size = 0;
  const counted: typeof clock = {
    ...clock,
    now: () => clock.now(),
    setTimer: (atMs, callback) => {
      pending++;
      let open = true;
      const done = (): void => {
        if (open) pending--;
        open = false;
      };
      const timer = clock.setTimer(atMs, () => {
        done();
        callback();
      });
      return {
        cancel: () => {
          done();
          timer.cancel();
        },
      };
    },
  };
  const watch = createPacingWatch({
    clock: counted,
    wheel: {
      tickMs: 20,
      stats: () => stats,
      get size() {
        return size;
      },
    },
    shedding,
    onLateness: (worstMs) => worst.push(worstMs),
    onShedding: (isShedding) => turns.push([clock.now(), isShedding]),
  });
  return {
    watch,
    worst,
    turns,
    get pending() {
      return pending;
    },
    reset: () => {
      stats = { ticks: 0, lateTicks: 0, skippedTicks: 0, maxLatenessMs: 0 };
    },
    pass: async (ms, { late = 0, skipped = 0, calls = 50 } = {}) => {
      size = calls;
      for (let stepMs = 0; stepMs < ms; stepMs += 500) {
        const due = 25 * calls;
        stats = {
          ticks: stats.ticks + due - Math.round(due * skipped),
          lateTicks: stats.lateTicks + Math.round(due * late),
          skippedTicks: stats.skippedTicks + Math.round(due * skipped),
          maxLatenessMs: 0,
        };
        await clock.advance(500);
      }
    },
  };
}

describe('shedding', () => {
  it('begins when more than a tenth of the ticks of 5 s are late or left out', async () => {
    const bench = createBench();
    bench.watch.wake();
    await bench.pass(10_000, { late: 0.09 });
    expect(bench.watch.shedding).toBe(false);
    await bench.pass(5_000, { late: 0.06, skipped: 0.06 });
    expect(bench.watch.shedding).toBe(true);
  });

  it('ends only after 5 s in which fewer than a hundredth were, and not at the threshold at which it began', async () => {
    const bench = createBench();
    bench.watch.wake();
    await bench.pass(5_000, { skipped: 0.5 });
    expect(bench.watch.shedding).toBe(true);
    await bench.pass(60_000, { late: 0.05 });
    expect(bench.watch.shedding, 'in between it stays as it is').toBe(true);
    await bench.pass(9_000);
    expect(bench.watch.shedding).toBe(true);
    await bench.pass(2_000);
    expect(bench.watch.shedding).toBe(false);
    await bench.pass(60_000, { late: 0.05 });
    expect(bench.watch.shedding, 'in between it stays as it is').toBe(false);
    expect(bench.turns.map(([, shedding]) => shedding)).toEqual([true, false]);
  });

  it('is not for one hiccup of 300 ms, nor for the first half second of the first call', async () => {
    const bench = createBench();
    bench.watch.wake();
    await bench.pass(500, { late: 0.8, calls: 1 });
    await bench.pass(10_000, { calls: 1 });
    await bench.pass(500, { skipped: 0.6, calls: 100 });
    await bench.pass(4_500, { calls: 100 });
    expect(bench.turns).toEqual([]);
  });

  it('is for one stall of a second: half of it is told after the clock has gone on', async () => {
    const bench = createBench();
    bench.watch.wake();
    await bench.pass(4_000);
    await bench.pass(1_000, { skipped: 1 });
    expect(bench.watch.shedding).toBe(true);
  });

  it('goes on to be looked at when its calls are over, and ends with nobody there; then nothing is pending', async () => {
    const bench = createBench();
    bench.watch.wake();
    await bench.pass(5_000, { late: 1 });
    bench.watch.rest();
    expect(bench.watch.shedding).toBe(true);
    await bench.pass(11_000, { calls: 0 });
    expect(bench.watch.shedding).toBe(false);
    expect(bench.pending).toBe(0);
    bench.watch.wake();
    expect(bench.pending).toBe(1);
    bench.watch.rest();
    expect(bench.pending).toBe(0);
  });

  it('is not misled by counters that somebody resets', async () => {
    const bench = createBench();
    bench.watch.wake();
    await bench.pass(5_000, { late: 0.05 });
    bench.reset();
    await bench.pass(5_000, { late: 0.05 });
    expect(bench.turns).toEqual([]);
  });

  it('never begins where it is not asked for; lateness is told all the same', async () => {
    const bench = createBench(undefined);
    // `undefined` would be the default of the bench.
    const { watch, worst, pass } = bench;
    watch.wake();
    watch.late(7);
    watch.late(3);
    await pass(500);
    expect(worst).toEqual([7]);
    await pass(500);
    expect(worst).toEqual([7, 0]);
    await pass(500, { calls: 0 });
    expect(worst, 'without calls there is nothing to tell').toEqual([7, 0]);
  });

  it('refuses thresholds that make no sense, by name', () => {
    expect(() => createBench({ windowMs: 0 })).toThrow(/shedding\.windowMs/);
    expect(() => createBench({ missedShare: 0.1, wellShare: 0.1 })).toThrow(/shedding\.wellShare/);
  });
});
