import { describe, expect, it } from 'vitest';
import { busTickSamples } from './bus.ts';
import { type CallLevels, createLevelTap, type LevelTap } from './level-tap.ts';

function filled(value: number): Int16Array {
  return new Int16Array(busTickSamples).fill(value);
}

/** Pushes the ticks from `first` to before `end`. */
function push(tap: LevelTap, first: number, end: number, [caller, callee, agent] = [0, 0, 0]): void {
  const spoken = { caller: filled(caller ?? 0), callee: filled(callee ?? 0), agent: filled(agent ?? 0) };
  for (let tick = first; tick < end; tick++) tap.push(tick, spoken);
}

function setUp() {
  const tap = createLevelTap();
  const heard: CallLevels[] = [];
  return { tap, heard, listen: () => tap.listen((levels) => heard.push(levels)) };
}

describe('a level tap', () => {
  it('is active while somebody listens', () => {
    const { tap, listen } = setUp();
    expect(tap.active).toBe(false);
    const stops = [listen(), listen()];
    expect(tap.active).toBe(true);
    stops[0]?.();
    stops[0]?.();
    expect(tap.active).toBe(true);
    stops[1]?.();
    expect(tap.active).toBe(false);
  });

  it('tells every ten ticks the RMS of those ten ticks, per party', () => {
    const { tap, heard, listen } = setUp();
    listen();
    push(tap, 0, 10, [16_384, 1_638, 32_767]);
    push(tap, 10, 15, [16_384, 0, 0]);
    push(tap, 15, 20);
    push(tap, 20, 29, [1, 1, 1]);
    expect(heard).toHaveLength(2);
    expect(heard[0]?.callerDb).toBeCloseTo(-6.02, 2);
    expect(heard[0]?.calleeDb).toBeCloseTo(-26.02, 1);
    expect(heard[0]?.agentDb).toBeCloseTo(0, 2);
    expect(heard[1]?.callerDb).toBeCloseTo(-9.03, 2);
    expect([heard[1]?.calleeDb, heard[1]?.agentDb]).toEqual([-120, -120]);
  });

  it('reads 0 for a full-scale square wave and -120 for silence, and nothing below', () => {
    const { tap, heard, listen } = setUp();
    listen();
    push(tap, 0, 10, [-32_768, 0, 1]);
    expect(heard[0]?.callerDb).toBe(0);
    expect(heard[0]?.calleeDb).toBe(-120);
    expect(heard[0]?.agentDb).toBeCloseTo(-90.31, 2);
  });

  it('waits for the next whole window when it is asked in the middle of one', () => {
    const { tap, heard, listen } = setUp();
    listen();
    push(tap, 7, 10, [16_384, 0, 0]);
    expect(heard).toEqual([]);
    push(tap, 10, 20);
    expect(heard).toEqual([{ callerDb: -120, calleeDb: -120, agentDb: -120 }]);
  });

  it('says nothing of a window of which ticks were left out, and goes on with the next', () => {
    const { tap, heard, listen } = setUp();
    listen();
    push(tap, 0, 5, [16_384, 0, 0]);
    push(tap, 8, 10, [16_384, 0, 0]);
    push(tap, 10, 15, [16_384, 0, 0]);
    push(tap, 25, 30, [16_384, 0, 0]);
    expect(heard).toEqual([]);
    push(tap, 30, 40);
    expect(heard).toHaveLength(1);
  });

  it('begins anew for whoever comes after nobody listened', () => {
    const { tap, heard, listen } = setUp();
    const stop = listen();
    push(tap, 0, 5, [16_384, 0, 0]);
    stop();
    listen();
    push(tap, 5, 10, [16_384, 0, 0]);
    expect(heard).toEqual([]);
  });
});
