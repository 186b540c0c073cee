import { setImmediate as immediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { createWheel, type WheelMember } from './wheel.ts';

const create = (): VirtualClock => createVirtualClock({ settle: () => immediate() });

const onError = (error: unknown): void => {
  throw error;
};

/** A clock whose timers wait for the end of any pause they fall into; pauses are gap and length, in a row. */
function pausing(clock: Clock, pauses: readonly { readonly gapMs: number; readonly lengthMs: number }[]): Clock {
  const runsAt = (atMs: number): number => {
    let startMs = 0;
    for (const { gapMs, lengthMs } of pauses) {
      startMs += gapMs;
      if (atMs < startMs) break;
      if (atMs < startMs + lengthMs) return startMs + lengthMs;
      startMs += lengthMs;
    }
    return atMs;
  };
  return {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer: (atMs, callback) => clock.setTimer(runsAt(Math.max(atMs, clock.now())), callback),
  };
}

/** A clock whose timers come late by what `stallMs` says each time. */
function stalling(clock: Clock, stallMs: () => number): Clock {
  return {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer: (atMs, callback) => clock.setTimer(Math.max(atMs, clock.now()) + stallMs(), callback),
  };
}

class Counter implements WheelMember {
  readonly log: string[] = [];
  ticks = 0;
  skips = 0;
  readonly #clock: Clock;
  constructor(clock: Clock) {
    this.#clock = clock;
  }
  get elapsed(): number {
    return this.ticks + this.skips;
  }
  tick(): void {
    this.ticks++;
    this.log.push(`tick ${this.#clock.now()}`);
  }
  skipped(ticks: number): void {
    this.skips += ticks;
    this.log.push(`skipped ${ticks} at ${this.#clock.now()}`);
  }
}

describe('wheel', () => {
  it('ticks exactly floor(n / 20) times in n milliseconds', async () => {
    const clock = create();
    const wheel = createWheel({ clock, onError });
    const member = new Counter(clock);
    wheel.add(member);
    for (let elapsedMs = 0; elapsedMs < 400; elapsedMs += 7) {
      expect(member.ticks).toBe(Math.floor(elapsedMs / 20));
      await clock.advance(7);
    }
    expect(member.log[2]).toBe('tick 60');
  });

  it('does not drift in an hour, with a tick that is no whole number of milliseconds', async () => {
    const clock = create();
    await clock.advance(0.7);
    const wheel = createWheel({ clock, tickMs: 100 / 3, slots: 1, onError });
    let ticks = 0;
    wheel.add({ tick: () => ticks++, skipped: () => undefined });
    await clock.advance(3_600_001);
    expect(ticks).toBe(108_000);
    expect(wheel.stats().lateTicks).toBe(0);
  });

  it('spreads its members over the tick, each at its own slot', async () => {
    const clock = create();
    const wheel = createWheel({ clock, onError });
    const members = Array.from({ length: 20 }, () => new Counter(clock));
    for (const member of members) wheel.add(member);
    await clock.advance(40);
    const firstTicks = members.map((member) => member.log[0]);
    expect(firstTicks.slice(0, 4)).toEqual(['tick 20', 'tick 2', 'tick 4', 'tick 6']);
    expect(new Set(firstTicks).size).toBe(10);
    expect(firstTicks.slice(10)).toEqual(firstTicks.slice(0, 10));
  });

  it('fills the gap that a leaving member makes', async () => {
    const clock = create();
    const wheel = createWheel({ clock, slots: 3, onError });
    const [, second] = [0, 1, 2].map(() => wheel.add(new Counter(clock)));
    second?.[Symbol.dispose]();
    second?.[Symbol.dispose]();
    expect(wheel.size).toBe(2);
    const next = new Counter(clock);
    wheel.add(next);
    await clock.advance(7);
    expect(next.ticks).toBe(1);
  });

  it('sleeps without members and wakes on the same grid', async () => {
    const clock = create();
    const wheel = createWheel({ clock, onError });
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(1_000_013);
    const member = new Counter(clock);
    const place = wheel.add(member);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(27);
    expect(member.log).toEqual(['tick 1000020', 'tick 1000040']);
    place[Symbol.dispose]();
    expect(clock.pendingTimers).toBe(0);
  });

  it('catches up five ticks after a stall, then skips the rest in one go', async () => {
    const clock = create();
    let stallMs = 0;
    const wheel = createWheel({ clock: stalling(clock, () => stallMs), onError });
    const member = new Counter(clock);
    stallMs = 200;
    wheel.add(member);
    stallMs = 0;
    await clock.advance(240);
    expect(member.log).toEqual([...Array(5).fill('tick 220'), 'skipped 6 at 220', 'tick 240']);
    expect(wheel.stats()).toEqual({ ticks: 6, lateTicks: 5, skippedTicks: 6, maxLatenessMs: 200 });
    wheel.resetStats();
    expect(wheel.stats()).toEqual({ ticks: 0, lateTicks: 0, skippedTicks: 0, maxLatenessMs: 0 });
  });

  it('accounts for every tick of every member under random stalls, joins and leaves', async () => {
    const pause = fc.record({ gapMs: fc.integer({ min: 1, max: 400 }), lengthMs: fc.integer({ min: 1, max: 600 }) });
    const plan = fc.record({
      slots: fc.integer({ min: 1, max: 12 }),
      maxCatchUpTicks: fc.integer({ min: 1, max: 6 }),
      pauses: fc.array(pause, { maxLength: 6 }),
      members: fc.array(fc.record({ joinMs: fc.nat(1500), stayMs: fc.nat(1500) }), { minLength: 1, maxLength: 15 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ slots, maxCatchUpTicks, pauses, members }) => {
        const clock = create();
        const wheel = createWheel({ clock: pausing(clock, pauses), slots, maxCatchUpTicks, onError });
        const counters = members.map(({ joinMs, stayMs }) => {
          const counter = new Counter(clock);
          clock.setTimer(joinMs, () => {
            const place = wheel.add(counter);
            clock.setTimer(joinMs + stayMs, () => place[Symbol.dispose]());
          });
          return counter;
        });
        await clock.advance(3001);
        let ticks = 0;
        let skips = 0;
        members.forEach(({ stayMs }, index) => {
          const counter = counters[index] as Counter;
          // Never ahead of time; behind by no more than the pause that the member left in. A tick that falls due at the very
          // instant of leaving may come before it or not.
          expect(counter.elapsed).toBeLessThanOrEqual(Math.floor(stayMs / 20) + 1);
          const longestPauseMs = Math.max(0, ...pauses.map(({ lengthMs }) => lengthMs));
          expect(counter.elapsed).toBeGreaterThanOrEqual(Math.ceil((stayMs - longestPauseMs) / 20) - 1);
          ticks += counter.ticks;
          skips += counter.skips;
        });
        expect(wheel.stats()).toMatchObject({ ticks, skippedTicks: skips });
        expect([wheel.size, clock.pendingTimers]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('makes ticks and skips add up to the elapsed time once it has caught up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(700), { minLength: 1, maxLength: 30 }), async (stalls) => {
        const clock = create();
        let turn = 0;
        const late = stalling(clock, () => stalls[turn++] ?? 0);
        const wheel = createWheel({ clock: late, onError });
        const counters = Array.from({ length: 10 }, () => new Counter(clock));
        for (const counter of counters) wheel.add(counter);
        const elapsedMs = (Math.ceil(stalls.reduce((sum, ms) => sum + ms, 0) / 20) + stalls.length + 2) * 20;
        await clock.advance(elapsedMs);
        // Every slot falls due once in each 20 ms, and the stalls are used up by then.
        expect(counters.map((counter) => counter.elapsed)).toEqual(counters.map(() => elapsedMs / 20));
      }),
      { numRuns: 60 },
    );
  });

  it('runs a stalled turn in order of due time, over all slots', async () => {
    const clock = create();
    let stallMs = 60;
    const wheel = createWheel({ clock: stalling(clock, () => stallMs), slots: 2, onError });
    const order: string[] = [];
    const named = (name: string): WheelMember => ({ tick: () => order.push(name), skipped: () => undefined });
    wheel.add(named('a'));
    stallMs = 50;
    wheel.add(named('b'));
    stallMs = 0;
    await clock.advance(60);
    expect(order).toEqual(['b', 'a', 'b', 'a', 'b', 'a']);
  });

  it('lets members come and go during a tick', async () => {
    const clock = create();
    const wheel = createWheel({ clock, slots: 1, onError });
    const late = new Counter(clock);
    const gone = new Counter(clock);
    wheel.add({
      tick: () => {
        if (clock.now() > 20) return;
        place[Symbol.dispose]();
        wheel.add(late);
      },
      skipped: () => undefined,
    });
    const place = wheel.add(gone);
    await clock.advance(40);
    expect([gone.log, late.log]).toEqual([[], ['tick 40']]);
  });

  it('lets the last member leave and another join in one tick', async () => {
    const clock = create();
    const wheel = createWheel({ clock, onError });
    const heir = new Counter(clock);
    const place = wheel.add({
      tick: () => {
        place[Symbol.dispose]();
        wheel.add(heir);
      },
      skipped: () => undefined,
    });
    await clock.advance(60);
    expect(heir.log).toEqual(['tick 40', 'tick 60']);
  });

  it('removes a member that throws, reports it, and the others lose nothing', async () => {
    const clock = create();
    const errors: unknown[] = [];
    let stallMs = 0;
    const late = stalling(clock, () => stallMs);
    const wheel = createWheel({ clock: late, slots: 1, onError: (error, member) => errors.push([error, member]) });
    const bad: WheelMember = {
      tick: () => {
        throw new Error('tick');
      },
      skipped: () => undefined,
    };
    const badSkip: WheelMember = {
      tick: () => undefined,
      skipped: () => {
        throw new Error('skipped');
      },
    };
    stallMs = 180;
    const good = new Counter(clock);
    for (const member of [bad, badSkip, good]) wheel.add(member);
    stallMs = 0;
    await clock.advance(220);
    expect(errors).toEqual([
      [new Error('tick'), bad],
      [new Error('skipped'), badSkip],
    ]);
    expect([good.elapsed, wheel.size]).toEqual([11, 1]);
  });

  it('finds the next due time to the last bit of a clock with fractions', () => {
    const tickMs = 100 / 3;
    for (let tick = 1; tick < 3000; tick++) {
      const justBeforeMs = tick * tickMs * (1 - Number.EPSILON / 2);
      let nowMs = 0;
      const armedMs: number[] = [];
      const setTimer: Clock['setTimer'] = (atMs) => {
        armedMs.push(atMs);
        return { cancel: () => undefined };
      };
      const wheel = createWheel({
        clock: { now: () => nowMs, wallTime: () => 0, setTimer },
        tickMs,
        slots: 1,
        onError,
      });
      nowMs = justBeforeMs;
      wheel.add({ tick: () => undefined, skipped: () => undefined });
      expect(armedMs).toEqual([tick * tickMs]);
    }
  });

  it('wakes for a tick only', async () => {
    const clock = create();
    let wakes = 0;
    const setTimer: Clock['setTimer'] = (atMs, callback) =>
      clock.setTimer(atMs, () => {
        wakes++;
        callback();
      });
    const wheel = createWheel({ clock: { now: clock.now, wallTime: clock.wallTime, setTimer }, onError });
    const places = new DisposableStack();
    for (let count = 0; count < 5; count++) {
      await clock.advance(219);
      places.use(wheel.add(new Counter(clock)));
    }
    await clock.advance(500);
    places.dispose();
    await clock.advance(500);
    expect(wakes).toBe(wheel.stats().ticks);
  });

  it('uses one timer however many members it has', () => {
    const clock = create();
    const wheel = createWheel({ clock, onError });
    for (let count = 0; count < 100; count++) wheel.add(new Counter(clock));
    expect(clock.pendingTimers).toBe(1);
  });

  it('refuses options that make no wheel', () => {
    const clock = create();
    for (const bad of [{ tickMs: 0 }, { slots: 1.5 }, { maxCatchUpTicks: -1 }, { tickMs: Number.NaN }]) {
      expect(() => createWheel({ clock, onError, ...bad })).toThrow(RangeError);
    }
  });
});
