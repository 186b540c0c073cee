import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { createSwitch, type Switch } from '../switch.ts';
import { createScriptedPhones, type ScriptedPhones } from '../testing/scripted-phones.ts';

/** A switch on a machine that is as slow as a test says: whatever is due comes so much later. */
function createSlowSwitch(): {
  readonly clock: VirtualClock;
  readonly sw: Switch;
  readonly phones: ScriptedPhones;
  slowMs: number;
} {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const machine = { slowMs: 0 };
  const slow = {
    now: () => clock.now(),
    wallTime: () => clock.wallTime(),
    setTimer: (atMs: number, callback: () => void) => clock.setTimer(atMs + machine.slowMs, callback),
  };
  const phones = createScriptedPhones({ clock });
  const sw = createSwitch({
    clock: slow,
    legs: [phones],
    connectors: [{ uuid: 'c', numbers: ['*'], keys: [createApiKey().stored] }],
    shedding: {},
  });
  sw.start();
  return Object.assign(machine, { clock, sw, phones });
}

describe('shedding', () => {
  it('refuses new calls while ticks come late, keeps those that run, and takes calls again once it is well', async () => {
    const test = createSlowSwitch();
    const { clock, sw, phones } = test;
    const readyz = () => sw.onRequest({ method: 'GET', path: '/readyz', query: '', headers: new Map() });
    const dial = (to: string) => {
      phones.phone(to, { answerAfterMs: 100 });
      return phones.phone(`${to}0`).dial(to);
    };
    for (const to of ['+1', '+2', '+3']) expect(dial(to)).toMatchObject({ accepted: true });
    await clock.advance(10_000);
    expect(sw.readiness).toBe('ready');
    expect(readyz()?.status).toBe(200);

    test.slowMs = 25;
    await clock.advance(5_000);
    expect(sw.readiness).toBe('shedding');
    expect(readyz()).toMatchObject({ status: 503, body: expect.stringContaining('"status":"shedding"') as string });
    expect(sw.onRequest({ method: 'GET', path: '/healthz', query: '', headers: new Map() })?.status).toBe(200);
    expect(dial('+4')).toMatchObject({ accepted: false, code: 'LIMIT_REACHED' });
    expect(sw.calls).toHaveLength(3);
    const before = sw.pacing.stats();
    await clock.advance(10_000);
    const after = sw.pacing.stats();
    expect(after.ticks - before.ticks, 'each call gets every tick').toBeGreaterThanOrEqual(3 * 499);
    expect(after.skippedTicks).toBe(0);

    test.slowMs = 0;
    await clock.advance(8_000);
    expect(dial('+5'), 'not at once').toMatchObject({ accepted: false });
    await clock.advance(4_000);
    expect(sw.readiness).toBe('ready');
    expect(dial('+6')).toMatchObject({ accepted: true });
    await sw.close();
    expect(sw.readiness).toBe('stopped');
  });

  it('is for no switch that does not ask for it', async () => {
    const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
    const late = {
      ...clock,
      now: () => clock.now(),
      setTimer: (atMs: number, run: () => void) => clock.setTimer(atMs + 90, run),
    };
    const phones = createScriptedPhones({ clock });
    const sw = createSwitch({ clock: late, legs: [phones], connectors: [{ uuid: 'c', numbers: ['*'] }] });
    expect(sw.readiness).toBe('starting');
    sw.start();
    phones.phone('+1', { answerAfterMs: 0 });
    phones.phone('+2').dial('+1');
    await clock.advance(20_000);
    expect(sw.pacing.stats().lateTicks).toBeGreaterThan(500);
    expect(sw.readiness).toBe('ready');
  });
});
