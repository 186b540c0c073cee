import { levelDb, tone, toneLevelDb } from '@agentao/audio';
import { describe, expect, it } from 'vitest';
import { createEar, type Ear } from './ear.ts';

const frame = 480;

/** Plays `ear` in quanta, with a frame of the line pushed whenever 20 ms have passed. */
function play(
  ear: Ear,
  outputRateHz: number,
  samples: Int16Array,
  options: { readonly quantum?: number } = {},
): Float32Array {
  const { quantum = 128 } = options;
  const seconds = samples.length / 24_000;
  const total = Math.floor((seconds * outputRateHz) / quantum) * quantum;
  const heard = new Float32Array(total);
  let pushed = 0;
  for (let at = 0; at < total; at += quantum) {
    while (pushed / 24_000 <= at / outputRateHz && pushed < samples.length) {
      ear.push(samples.subarray(pushed, pushed + frame), pushed);
      pushed += frame;
    }
    ear.fill(heard.subarray(at, at + quantum));
  }
  return heard;
}

function toInt16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.round(sample * 32_768));
}

describe('ear', () => {
  it.each([48_000, 44_100, 24_000, 16_000, 96_000])(
    'plays a tone without a gap or a click at %i Hz',
    (outputRateHz) => {
      const samples = tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 4000 });
      const heard = play(createEar({ outputRateHz }), outputRateHz, samples);
      const steady = heard.subarray(outputRateHz / 2);
      expect(toneLevelDb(toInt16(steady), { frequencyHz: 440, sampleRateHz: outputRateHz })).toBeCloseTo(-20, 1);
      // What is left of a pure tone after its own two-pole notch is noise, or a click.
      const notch = 2 * Math.cos((2 * Math.PI * 440) / outputRateHz);
      let worst = 0;
      for (let i = 2; i < steady.length; i++) {
        const rest = (steady[i] ?? 0) - notch * (steady[i - 1] ?? 0) + (steady[i - 2] ?? 0);
        worst = Math.max(worst, Math.abs(rest));
      }
      expect(worst).toBeLessThan(0.0003);
    },
  );

  it.each([48_000, 44_100])('gives the same however the device asks at %i Hz', (outputRateHz) => {
    const samples = tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 300 });
    const fills = [1, 128, 441, 960].map((quantum) => {
      const ear = createEar({ outputRateHz });
      ear.push(samples, 0);
      const heard = new Float32Array(8820);
      for (let at = 0; at < heard.length; at += quantum) ear.fill(heard.subarray(at, at + quantum));
      return heard;
    });
    for (const heard of fills) expect(heard).toEqual(fills[0]);
  });

  it('is silent before anything comes', () => {
    const ear = createEar({ outputRateHz: 48_000 });
    const quantum = new Float32Array(128).fill(1);
    for (let i = 0; i < 100; i++) ear.fill(quantum);
    expect(quantum.every((sample) => sample === 0)).toBe(true);
    expect(ear.levelDb).toBe(-120);
  });

  it('conceals a lost frame', () => {
    const samples = tone({ frequencyHz: 400, sampleRateHz: 24_000, durationMs: 1000 });
    const ear = createEar({ outputRateHz: 24_000 });
    const heard = new Float32Array(24_000);
    for (let at = 0; at + frame <= samples.length; at += frame) {
      if (at !== 25 * frame) ear.push(samples.subarray(at, at + frame), at);
      ear.fill(heard.subarray(at, at + frame));
    }
    const around = toInt16(heard.subarray(20 * frame, 40 * frame));
    for (let at = 0; at < around.length; at += frame / 2) {
      expect(levelDb(around.subarray(at, at + frame / 2))).toBeGreaterThan(-26);
    }
  });

  it('plays nothing more after a hush, and fades out instead of breaking off', () => {
    const samples = tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 1000 });
    const ear = createEar({ outputRateHz: 48_000 });
    play(ear, 48_000, samples);
    ear.push(samples.subarray(0, 4800), samples.length);
    ear.hush();
    const quantum = new Float32Array(128);
    ear.fill(quantum);
    expect(Math.max(...quantum.map(Math.abs))).toBeGreaterThan(0);
    expect(quantum[127]).toBe(0);
    for (let i = 0; i < 1000; i++) {
      ear.fill(quantum);
      expect(quantum.every((sample) => sample === 0)).toBe(true);
    }
    expect(ear.levelDb).toBe(-120);
  });

  it('hears the next call from its first position on', () => {
    const samples = tone({ frequencyHz: 440, sampleRateHz: 24_000, durationMs: 1000 });
    const ear = createEar({ outputRateHz: 48_000 });
    play(ear, 48_000, samples);
    ear.hush();
    const heard = play(ear, 48_000, samples);
    expect(levelDb(toInt16(heard.subarray(24_000)))).toBeCloseTo(-20, 1);
  });
});
