import { describe, expect, it } from 'vitest';
import { createLevelMeter, levelDb, silenceDb, type WindowLevel } from './level.ts';
import { noise } from './signal-fixture.ts';
import { tone } from './tone.ts';

describe('levelDb', () => {
  it('reads 0 dB for a full-scale square wave and -3.01 dB for a full-scale sine', () => {
    expect(levelDb(Int16Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? -32768 : 32767)))).toBeCloseTo(0, 3);
    const sine = Int16Array.from({ length: 8000 }, (_, i) => Math.round(32767 * Math.sin((2 * Math.PI * i) / 80)));
    expect(levelDb(sine)).toBeCloseTo(-3.01, 2);
  });

  it('falls by 6.02 dB when the amplitude halves', () => {
    const loud = noise(1000, -10);
    const soft = loud.map((value) => value / 2);
    expect(levelDb(loud) - levelDb(soft)).toBeCloseTo(6.02, 1);
  });

  it('reads the floor of -120 dB for silence and for no samples', () => {
    expect(silenceDb).toBe(-120);
    expect(levelDb(new Int16Array(10))).toBe(-120);
    expect(levelDb(new Int16Array(0))).toBe(-120);
  });

  it('reads a single count in a second above the floor', () => {
    const samples = new Int16Array(24_000);
    samples[5] = 1;
    expect(levelDb(samples)).toBe(-120);
    samples.fill(1);
    expect(levelDb(samples)).toBeCloseTo(-90.31, 2);
  });
});

describe('level meter', () => {
  const signal = noise(1600, -20);
  signal[700] = -32768;

  it('gives RMS and peak of every whole window, however the stream is cut', () => {
    for (const chunk of [1, 7, 160, 163, 1600]) {
      const windows: WindowLevel[] = [];
      const meter = createLevelMeter({ sampleRateHz: 8000, onWindow: (level) => windows.push(level) });
      for (let at = 0; at < signal.length; at += chunk) meter.push(signal.subarray(at, at + chunk));
      expect(windows).toHaveLength(10);
      for (const [i, window] of windows.entries()) {
        const samples = signal.subarray(160 * i, 160 * (i + 1));
        expect(window.startSample).toBe(160 * i);
        expect(window.rmsDb).toBeCloseTo(levelDb(samples), 9);
        const peak = Math.max(...samples.map((value) => Math.abs(value / 2)));
        expect(window.peakDb).toBeCloseTo(20 * Math.log10(peak / 16_384), 1);
      }
    }
  });

  it('shows the last whole window', () => {
    const meter = createLevelMeter({ sampleRateHz: 8000, windowMs: 10 });
    expect([meter.rmsDb, meter.peakDb]).toEqual([-120, -120]);
    meter.push(new Int16Array(80).fill(-32768));
    expect([meter.rmsDb, meter.peakDb]).toEqual([0, 0]);
    meter.push(new Int16Array(79));
    expect(meter.rmsDb).toBe(0);
    meter.push(new Int16Array(1));
    expect([meter.rmsDb, meter.peakDb]).toEqual([-120, -120]);
  });

  it('starts anew at a reset', () => {
    const starts: number[] = [];
    const meter = createLevelMeter({ sampleRateHz: 8000, onWindow: (level) => starts.push(level.startSample) });
    meter.push(tone({ frequencyHz: 440, sampleRateHz: 8000, durationMs: 35 }));
    meter.reset();
    expect(meter.rmsDb).toBe(-120);
    meter.push(new Int16Array(159));
    meter.push(new Int16Array(1));
    expect(starts).toEqual([0, 0]);
    expect(meter.peakDb).toBe(-120);
  });

  it('refuses a window without a sample', () => {
    for (const windowMs of [0, -20, 0.01, Number.NaN]) {
      expect(() => createLevelMeter({ sampleRateHz: 8000, windowMs })).toThrow(RangeError);
    }
  });
});
