import { decodeWav, tone } from '@agentao/audio';
import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { createCallBench, marked } from '../calls/test-bench.ts';
import { createScriptedPhones } from './scripted-phones.ts';

async function talking() {
  const bench = createCallBench({ callee: { answerAfterMs: 200 } });
  bench.call.nobodyReady();
  await bench.clock.runUntil(bench.caller.until('answered'), { maxMs: 1000 });
  return bench;
}

describe('scripted phones', () => {
  it('ring, pick up by themselves, talk and hang up', async () => {
    const { caller, callee, clock } = await talking();
    expect(callee.events).toEqual([{ type: 'ringing', from: caller.number }, { type: 'answered' }]);
    caller.say(tone({ frequencyHz: 440, durationMs: 300, sampleRateHz: 24_000, levelDb: -15 }));
    await clock.advance(500);
    expect(callee.levelDb({ frequencyHz: 440, fromMs: 100, toMs: 300 })).toBeCloseTo(-15, 0);
    expect(callee.levelDb({ fromMs: callee.heardMs - 60 })).toBe(-120);
    expect(caller.levelDb({ fromMs: caller.heardMs - 400 })).toBe(-120);
    callee.hangUp();
    expect(await clock.runUntil(caller.until('ended'), { maxMs: 100 })).toEqual({
      type: 'ended',
      reason: 'hangup',
      by: 'callee',
    });
    expect(callee.events.at(-1)).toEqual({ type: 'ended', reason: 'hangup', by: 'callee' });
  });

  it('hear the mix of the switch sample for sample at 24 kHz, and keep it as a recording', async () => {
    const { caller, callee, clock } = await talking();
    callee.say(marked(0, 960));
    await clock.advance(200);
    expect([...caller.heard({ fromMs: caller.heardMs - 200 })].filter((sample) => sample !== 0)).toContain(960);
    const { samples, sampleRateHz } = decodeWav(caller.recording());
    expect(sampleRateHz).toBe(24_000);
    expect(samples).toHaveLength(caller.heard().length);
  });

  it('run on their own clock', async () => {
    const bench = createCallBench({ caller: { driftPpm: 100_000 } });
    bench.attach().run({ type: 'answer' });
    await bench.clock.advance(10);
    bench.caller.say(new Int16Array(60 * 480).fill(1));
    await bench.clock.advance(1000);
    expect(bench.caller.unspoken).toBe(5 * 480);
  });

  it('take one call at a time', async () => {
    const { caller, callee } = await talking();
    expect(() => caller.dial('+15550003')).toThrow(/is answered/);
    expect(() => callee.answer()).toThrow(/is answered/);
    expect(() => callee.reject()).toThrow(/is answered/);
  });

  it('fall back to idle when the switch refuses a call', async () => {
    const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
    const phones = createScriptedPhones({ clock });
    const phone = phones.phone('+15550001');
    expect(() => phone.dial('+15559999')).toThrow(/not started/);
    phone.hangUp();
    phones.start({ incoming: () => ({ accepted: false, code: 'LIMIT_REACHED', message: 'full' }) });
    expect(phone.dial('+15559999')).toMatchObject({ accepted: false });
    expect(phone.state).toBe('idle');
    await clock.advance(10);
    expect(clock.pendingTimers).toBe(0);
  });

  it('hang up when their provider closes', async () => {
    const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
    const phones = createScriptedPhones({ clock });
    const phone = phones.phone('+15559999');
    expect(phones.ring({ callId: 'call-1', number: '+15550000', from: '' })).toBeUndefined();
    phones.ring({ callId: 'call-1', number: phone.number, from: '' });
    expect(phone.state).toBe('ringing');
    await phones.close();
    expect(phone.state).toBe('idle');
  });
});
