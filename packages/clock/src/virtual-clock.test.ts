import { setImmediate as immediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleep } from './sleep.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

const create = (): VirtualClock => createVirtualClock({ settle: () => immediate() });

describe('virtual clock', () => {
  it('stands still until it is told to move', async () => {
    const clock = create();
    let ran = false;
    clock.setTimer(0, () => {
      ran = true;
    });
    await immediate();
    expect(ran).toBe(false);
    await clock.advance(0);
    expect(ran).toBe(true);
    expect(clock.now()).toBe(0);
  });

  it('runs timers in order of due time, then of creation, whatever was cancelled in between', async () => {
    const timer = fc.record({ atMs: fc.integer({ min: 0, max: 20 }), cancelled: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(timer, { maxLength: 60 }), async (plan) => {
        const clock = create();
        const ran: number[] = [];
        const timers = plan.map(({ atMs }, index) =>
          clock.setTimer(atMs, () => {
            expect(clock.now()).toBe(atMs);
            ran.push(index);
          }),
        );
        plan.forEach(({ cancelled }, index) => {
          if (cancelled) timers[index]?.cancel();
        });
        expect(clock.pendingTimers).toBe(plan.filter(({ cancelled }) => !cancelled).length);
        await clock.advance(20);
        const expected = plan
          .map(({ atMs, cancelled }, index) => ({ atMs, cancelled, index }))
          .filter(({ cancelled }) => !cancelled)
          .toSorted((a, b) => a.atMs - b.atMs || a.index - b.index)
          .map(({ index }) => index);
        expect(ran).toEqual(expected);
        expect(clock.pendingTimers).toBe(0);
        expect(clock.now()).toBe(20);
      }),
    );
  });

  it('keeps the order when a timer deep among later ones is cancelled', async () => {
    const clock = create();
    const ran: number[] = [];
    const timers = [0, 10, 1, 11, 12, 2, 3, 13, 14, 15, 16, 4, 5, 6, 7].map((atMs) =>
      clock.setTimer(atMs, () => ran.push(atMs)),
    );
    timers[3]?.cancel();
    timers[3]?.cancel();
    await clock.advance(20);
    expect(ran).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 10, 12, 13, 14, 15, 16]);
  });

  it('lets promises run out between two instants, and between cause and effect at one instant', async () => {
    const clock = create();
    const log: string[] = [];
    clock.setTimer(5, () => {
      clock.setTimer(5, () => log.push('set at 5'));
      void Promise.resolve()
        .then(() => undefined)
        .then(() => log.push('promise at 5'));
    });
    clock.setTimer(6, () => log.push('timer at 6'));
    await clock.advance(10);
    expect(log).toEqual(['promise at 5', 'set at 5', 'timer at 6']);
  });

  it('cancels from within a callback of the same instant', async () => {
    const clock = create();
    let ran = false;
    clock.setTimer(1, () => later.cancel());
    const later = clock.setTimer(1, () => {
      ran = true;
    });
    await clock.advance(1);
    expect(ran).toBe(false);
  });

  it('runs a timer in the past at the present', async () => {
    const clock = create();
    await clock.advance(10);
    let atMs = -1;
    clock.setTimer(3, () => {
      atMs = clock.now();
    });
    await clock.advance(5);
    expect(atMs).toBe(10);
  });

  it('runs until a promise settles and not an instant further', async () => {
    const clock = create();
    const work = async (): Promise<string> => {
      await sleep(clock, 300);
      await sleep(clock, 42);
      return 'done';
    };
    clock.setTimer(1000, () => undefined);
    expect(await clock.runUntil(work(), { maxMs: 10_000 })).toBe('done');
    expect(clock.now()).toBe(342);
    await expect(clock.runUntil(Promise.reject(new Error('refused')), { maxMs: 10 })).rejects.toThrow('refused');
    expect(clock.now()).toBe(342);
  });

  it('says what the matter is when nothing is left to run', async () => {
    const clock = create();
    clock.setTimer(7, () => undefined);
    const stuck = clock.runUntil(new Promise(() => undefined), { maxMs: 10_000 });
    await expect(stuck).rejects.toMatchObject({
      code: 'STUCK',
      message: 'the promise is pending and nothing is left to run, at virtual time 7 ms with 0 timers pending',
    });
  });

  it('gives up after maxMs and names the timers that are left', async () => {
    const clock = create();
    clock.setTimer(500, () => undefined);
    const late = clock.runUntil(new Promise(() => undefined), { maxMs: 100 });
    await expect(late).rejects.toMatchObject({
      code: 'TIMEOUT',
      message:
        'the promise is pending after 100 virtual ms, at virtual time 100 ms with 1 timers pending, the next at 500 ms',
    });
  });

  it('ends a run of timers that re-arm for ever at one instant', async () => {
    const clock = create();
    const again = (): void => {
      clock.setTimer(clock.now(), again);
    };
    again();
    await expect(clock.advance(1)).rejects.toMatchObject({ code: 'LOOP' });
  });

  it('stands still while it is held, and goes on once the last hold is released', async () => {
    const clock = create();
    const first = clock.hold();
    const second = clock.hold();
    let done = false;
    const advance = async (): Promise<void> => {
      await clock.advance(50);
      done = true;
    };
    const advancing = advance();
    await immediate();
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await immediate();
    await immediate();
    expect([clock.now(), done]).toEqual([0, false]);
    second[Symbol.dispose]();
    await advancing;
    expect(clock.now()).toBe(50);
  });

  it('waits for work outside the clock instead of calling it stuck', async () => {
    const clock = create();
    const outside = async (): Promise<number> => {
      using held = new DisposableStack();
      held.use(clock.hold());
      for (let turn = 0; turn < 5; turn++) await immediate();
      return clock.now();
    };
    expect(await clock.runUntil(outside(), { maxMs: 10 })).toBe(0);
  });

  it('sees a promise settle while it is held', async () => {
    const clock = create();
    using held = new DisposableStack();
    held.use(clock.hold());
    const settled = immediate().then(() => 'settled');
    expect(await clock.runUntil(settled, { maxMs: 10 })).toBe('settled');
  });

  it('serves several waiters at once, each to its own end', async () => {
    const clock = create();
    const ends: string[] = [];
    await Promise.all([
      clock.advance(30).then(() => ends.push(`advance 30 at ${clock.now()}`)),
      clock.runUntil(sleep(clock, 20), { maxMs: 100 }).then(() => ends.push(`run at ${clock.now()}`)),
      clock.advance(10).then(() => ends.push(`advance 10 at ${clock.now()}`)),
    ]);
    expect(ends).toEqual(['advance 10 at 10', 'run at 20', 'advance 30 at 30']);
  });

  it('passes the error of a timer callback to whoever moves time, and stays usable', async () => {
    const clock = create();
    clock.setTimer(1, () => {
      throw new Error('from the callback');
    });
    const running = clock.runUntil(new Promise(() => undefined), { maxMs: 100 });
    await expect(clock.advance(5)).rejects.toThrow('from the callback');
    await expect(running).rejects.toThrow('from the callback');
    await clock.advance(5);
    expect(clock.now()).toBe(6);
  });

  it('moves the wall time with virtual time and lets it be stepped', async () => {
    const clock = createVirtualClock({ settle: () => immediate(), wallTimeMs: 1_000_000 });
    await clock.advance(250);
    expect(clock.wallTime()).toBe(1_000_250);
    clock.stepWallTime(-5_000);
    expect([clock.wallTime(), clock.now()]).toEqual([995_250, 250]);
  });

  it('refuses times that are no times', () => {
    const clock = create();
    expect(() => clock.setTimer(Number.NaN, () => undefined)).toThrow(RangeError);
    expect(() => clock.setTimer(Number.POSITIVE_INFINITY, () => undefined)).toThrow(RangeError);
    expect(() => clock.advance(-1)).toThrow(RangeError);
  });
});
