import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { createSystemClock, type SystemTimeGlobals } from './system-clock.ts';

/** Globals whose timers fire when told to, at a time set by hand. */
class HandGlobals implements SystemTimeGlobals {
  nowMs = 0;
  wallMs = 0;
  unrefs = 0;
  readonly pending: { callback: () => void; delayMs: number }[] = [];
  readonly performance: SystemTimeGlobals['performance'] = { now: () => this.nowMs };
  readonly Date: SystemTimeGlobals['Date'] = { now: () => this.wallMs };

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = { callback, delayMs, unref: () => this.unrefs++ };
    this.pending.push(timer);
    return timer;
  }

  clearTimeout(handle: never): void {
    this.pending.splice(this.pending.indexOf(handle), 1);
  }

  /** Fires the oldest timer after its delay, `earlyMs` too soon. */
  fire(earlyMs = 0): void {
    const timer = this.pending.shift();
    if (timer === undefined) throw new Error('no timer is pending');
    this.nowMs += timer.delayMs - earlyMs;
    timer.callback();
  }
}

describe('system clock', () => {
  it('is made of globalThis and fires at or after the due time', async () => {
    const clock = createSystemClock(globalThis);
    const dueMs = clock.now() + 1.5;
    const firedMs = await new Promise<number>((resolve) => {
      const keepAlive = setInterval(() => undefined, 1000);
      clock.setTimer(dueMs, () => {
        clearInterval(keepAlive);
        resolve(clock.now());
      });
    });
    expect(firedMs).toBeGreaterThanOrEqual(dueMs);
    expect(Math.abs(clock.wallTime() - Date.now())).toBeLessThan(1000);
  });

  it('is never early although the host is', () => {
    const globals = new HandGlobals();
    const clock = createSystemClock(globals);
    let firedMs = -1;
    clock.setTimer(10.25, () => {
      firedMs = clock.now();
    });
    globals.fire(0.9);
    expect(firedMs).toBe(-1);
    globals.fire();
    expect(firedMs).toBeGreaterThanOrEqual(10.25);
    expect(globals.pending).toHaveLength(0);
  });

  it('splits a delay that is longer than the host can hold', () => {
    const globals = new HandGlobals();
    const clock = createSystemClock(globals);
    let fired = false;
    clock.setTimer(2 ** 32, () => {
      fired = true;
    });
    expect(globals.pending[0]?.delayMs).toBe(2 ** 31 - 1);
    globals.fire();
    globals.fire();
    expect(fired).toBe(false);
    globals.fire();
    expect([fired, globals.nowMs]).toEqual([true, 2 ** 32]);
  });

  it('cancels a timer, also one that was re-armed', () => {
    const globals = new HandGlobals();
    const clock: Clock = createSystemClock(globals);
    const timer = clock.setTimer(2 ** 32, () => undefined);
    globals.fire();
    timer.cancel();
    expect(globals.pending).toHaveLength(0);
  });

  it('keeps no process alive with a timer', () => {
    const globals = new HandGlobals();
    createSystemClock(globals).setTimer(5, () => undefined);
    expect(globals.unrefs).toBe(1);
  });

  it('fires what is already due at once', () => {
    const globals = new HandGlobals();
    globals.nowMs = 100;
    createSystemClock(globals).setTimer(50, () => undefined);
    expect(globals.pending[0]?.delayMs).toBe(0);
  });
});
