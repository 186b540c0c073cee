import type { Clock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { Lateness } from './lateness.ts';

it('tells by how much timers came late, the most and all together', () => {
  let nowMs = 0;
  let due: { readonly atMs: number; readonly fire: () => void } | undefined;
  const clock = {
    now: () => nowMs,
    setTimer: (atMs: number, fire: () => void) => {
      due = { atMs, fire };
      return { cancel: () => (due = undefined) };
    },
  } as unknown as Clock;
  const late = new Lateness(clock);
  for (const lateMs of [0, 5, 700, 0, 20]) {
    nowMs = (due?.atMs ?? 0) + lateMs;
    due?.fire();
  }
  expect([late.maxMs, late.totalMs]).toEqual([700, 725]);
  late[Symbol.dispose]();
  expect(due).toBeUndefined();
});
