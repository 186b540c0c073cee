import { levelDb, tone, toneLevelDb } from '@agentao/audio';
import { describe, expect, it } from 'vitest';
import { createCallBench } from '../calls/test-bench.ts';
import { busRateHz, busTickSamples } from '../media/bus.ts';
import type { Leg } from './leg.ts';
import { createLegChannel } from './leg-channel.ts';

function createLeg(sampleRateHz: number) {
  const played: Int16Array[] = [];
  const skips: number[] = [];
  const leg: Leg = {
    number: '+15550001',
    sampleRateHz,
    outputDelayMs: 0,
    start: () => {},
    answer: () => {},
    hangUp: () => {},
    play: (samples) => void played.push(samples.slice()),
    skip: (samples) => void skips.push(samples),
    sendDtmf: () => {},
  };
  return { leg, played, skips };
}

/** The largest second difference of a tone, at its sharpest. */
function toneCorner(amplitude: number, frequencyHz: number, sampleRateHz: number): number {
  return amplitude * (2 * Math.sin((Math.PI * frequencyHz) / sampleRateHz)) ** 2;
}

function sharpestCorner(signal: Int16Array): number {
  let sharpest = 0;
  for (let i = 2; i < signal.length; i++) {
    const corner = (signal[i] as number) - 2 * (signal[i - 1] as number) + (signal[i - 2] as number);
    sharpest = Math.max(sharpest, Math.abs(corner));
  }
  return sharpest;
}

describe('leg channel', () => {
  it.each([8000, 16_000, 24_000])('tells a leg at %i Hz in its own samples how much was left out', (sampleRateHz) => {
    const { leg, skips } = createLeg(sampleRateHz);
    createLegChannel(leg).skip(3);
    expect(skips).toEqual([(3 * sampleRateHz) / 50]);
  });

  it.each([8000, 16_000, 24_000])(
    'carries a tone of a leg at %i Hz to the bus and back, tick by tick',
    (sampleRateHz) => {
      const { leg, played } = createLeg(sampleRateHz);
      const channel = createLegChannel(leg);
      const tick = sampleRateHz / 50;
      const said = tone({ frequencyHz: 1000, durationMs: 1000, sampleRateHz, levelDb: -12 });
      const bus = new Int16Array(50 * busTickSamples);
      for (let n = 0; n < 50; n++) {
        channel.push(said.subarray(n * tick, (n + 1) * tick), n * tick);
        const into = bus.subarray(n * busTickSamples, (n + 1) * busTickSamples);
        channel.pull(into);
        channel.play(into);
      }
      expect(played.map(({ length }) => length)).toEqual(Array(50).fill(tick));
      const heard = Int16Array.from(played.flatMap((samples) => [...samples])).subarray(sampleRateHz / 5);
      expect(toneLevelDb(bus.subarray(busRateHz / 5), { frequencyHz: 1000, sampleRateHz: busRateHz })).toBeCloseTo(
        -12,
        0,
      );
      expect(toneLevelDb(heard, { frequencyHz: 1000, sampleRateHz })).toBeCloseTo(-12, 0);
      expect(levelDb(heard)).toBeCloseTo(-12, 0);
    },
  );

  it('passes a tick at the bus rate on untouched', () => {
    const { leg, played } = createLeg(busRateHz);
    const samples = Int16Array.from({ length: busTickSamples }, (_, i) => i * 7);
    createLegChannel(leg).play(samples);
    expect(played).toEqual([samples]);
  });
});

describe('two phones whose clocks are off, one fast, one slow', () => {
  it('hear a steady tone of each other through a whole call without a click, at a steady delay', async () => {
    const ppm = 2000;
    const bench = createCallBench({ caller: { driftPpm: ppm }, callee: { driftPpm: -ppm, answerAfterMs: 20 } });
    const agent = bench.attach();
    agent.run({ type: 'connect', ringTimeMs: 5000, mode: 'spy' });
    await bench.clock.runUntil(bench.callee.until('answered'), { maxMs: 1000 });
    const long = { durationMs: 61_000, sampleRateHz: 24_000, levelDb: -12 } as const;
    bench.caller.say(tone({ frequencyHz: 500, ...long }));
    bench.callee.say(tone({ frequencyHz: 700, ...long }));
    await bench.clock.advance(60_000);
    for (const [phone, frequencyHz] of [
      [bench.callee, 500],
      [bench.caller, 700],
    ] as const) {
      const heard = phone.heard({ fromMs: phone.heardMs - 59_000 });
      const amplitude = heard.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(sharpestCorner(heard)).toBeLessThan(1.1 * toneCorner(amplitude, frequencyHz, 24_000) + 2);
      // A gap of a single tick anywhere would show as a quiet stretch.
      for (let from = 0; from + 480 <= heard.length; from += 480) {
        expect(levelDb(heard.subarray(from, from + 480))).toBeGreaterThan(-14);
      }
    }
  });
});
