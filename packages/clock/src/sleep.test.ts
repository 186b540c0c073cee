import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sleep } from './sleep.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';
import { withDeadline } from './with-deadline.ts';

const create = (): VirtualClock => createVirtualClock({ settle: () => immediate() });

describe('sleep', () => {
  it('takes its time and no more', async () => {
    const clock = create();
    await clock.runUntil(sleep(clock, 250), { maxMs: 1000 });
    expect(clock.now()).toBe(250);
  });

  it('ends with the reason of its signal and leaves no timer behind', async () => {
    const clock = create();
    const controller = new AbortController();
    const sleeping = sleep(clock, 250, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    await expect(sleep(clock, 250, { signal: controller.signal })).rejects.toThrow('enough');
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no listener on a signal that outlives it', async () => {
    const clock = create();
    let listeners = 0;
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: () => {
        listeners++;
      },
      removeEventListener: () => {
        listeners--;
      },
    };
    await clock.runUntil(sleep(clock, 5, { signal }), { maxMs: 10 });
    expect(listeners).toBe(0);
  });
});

describe('withDeadline', () => {
  const deadline = { timeoutMs: 100, error: () => new Error('too late') };

  it('passes the outcome on and takes its timer away', async () => {
    const clock = create();
    expect(await withDeadline(clock, Promise.resolve('in time'), deadline)).toBe('in time');
    await expect(withDeadline(clock, Promise.reject(new Error('refused')), deadline)).rejects.toThrow('refused');
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects with its own error at the deadline, and swallows a late rejection', async () => {
    const clock = create();
    const late = Promise.withResolvers<void>();
    const waiting = withDeadline(clock, late.promise, deadline);
    await expect(clock.runUntil(waiting, { maxMs: 1000 })).rejects.toThrow('too late');
    expect(clock.now()).toBe(100);
    late.reject(new Error('nobody listens'));
    await immediate();
  });
});
