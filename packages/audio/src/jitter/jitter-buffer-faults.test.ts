import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createJitterBuffer, jitterDelayMs, type JitterBuffer } from './jitter-buffer.ts';

const rate = 8000;
const tick = 160;
const amplitude = 10_000;
const frequencyHz = 440;
/** The second difference of the tone at its sharpest. */
const toneCorner = amplitude * (2 * Math.sin((Math.PI * frequencyHz) / rate)) ** 2;

/** The frame of the tone that begins at `position`. */
function frame(position: number, count = tick): Int16Array {
  return Int16Array.from({ length: count }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * (position + i)) / rate)),
  );
}

function pull(buffer: JitterBuffer, ticks = 1): Int16Array {
  const out = new Int16Array(ticks * tick);
  for (let n = 0; n < ticks; n++) buffer.pull(out.subarray(n * tick, (n + 1) * tick));
  return out;
}

function sharpestCorner(signal: Int16Array): number {
  let sharpest = 0;
  for (let i = 2; i < signal.length; i++) {
    const corner = (signal[i] as number) - 2 * (signal[i - 1] as number) + (signal[i - 2] as number);
    sharpest = Math.max(sharpest, Math.abs(corner));
  }
  return sharpest;
}

/** Runs `ticks` ticks; the frame of each tick arrives before it unless `arrives` says otherwise. */
function run(
  ticks: number,
  arrives: (n: number, push: (frameNumber: number) => void) => void,
): { out: Int16Array; buffer: JitterBuffer } {
  const buffer = createJitterBuffer({ sampleRateHz: rate });
  const out = new Int16Array(ticks * tick);
  for (let n = 0; n < ticks; n++) {
    arrives(n, (frameNumber) => buffer.push(frame(frameNumber * tick), frameNumber * tick));
    buffer.pull(out.subarray(n * tick, (n + 1) * tick));
  }
  return { out, buffer };
}

describe('jitter buffer', () => {
  it('gives out silence until the target delay has come together, then every sample in order', () => {
    const buffer = createJitterBuffer({ sampleRateHz: rate });
    buffer.push(frame(0), 0);
    expect(pull(buffer)).toEqual(new Int16Array(tick));
    buffer.push(frame(tick), tick);
    const first = pull(buffer);
    expect(first.subarray(tick / 4)).toEqual(frame(0).subarray(tick / 4));
    expect(sharpestCorner(first)).toBeLessThan(1.5 * toneCorner);
    buffer.push(frame(2 * tick), 2 * tick);
    expect(pull(buffer)).toEqual(frame(tick));
  });

  it('conceals a lost frame and goes on in time', () => {
    const { out, buffer } = run(60, (n, push) => n !== 30 && push(n));
    expect(buffer.stats).toMatchObject({ lost: tick, dropped: 0, inserted: 0 });
    expect(sharpestCorner(out)).toBeLessThan(1.5 * toneCorner);
    expect(out.subarray(50 * tick, 51 * tick)).toEqual(frame(49 * tick));
  });

  it('counts what was concealed while it waited as part of the loss', () => {
    const { out, buffer } = run(60, (n, push) => (n < 30 || n >= 35) && push(n));
    expect(buffer.stats).toMatchObject({ lost: 5 * tick, dropped: 0, inserted: 0 });
    expect(buffer.queuedMs).toBe(20);
    expect(sharpestCorner(out)).toBeLessThan(1.5 * toneCorner);
    expect(out.subarray(50 * tick, 51 * tick)).toEqual(frame(49 * tick));
  });

  it('loses nothing of frames that come late, and is back at the target delay some seconds later', () => {
    const { out, buffer } = run(1000, (n, push) => {
      if (n >= 100 && n < 104) return;
      if (n === 104) for (let late = 100; late < 104; late++) push(late);
      push(n);
    });
    expect(buffer.stats.lost).toBe(0);
    expect(buffer.stats.concealed).toBeGreaterThan(0);
    expect(sharpestCorner(out)).toBeLessThan(1.5 * toneCorner);
    expect(buffer.queuedMs + 20).toBeLessThanOrEqual(jitterDelayMs.target + 15);
  });

  it('falls silent when a phone pauses, and fills up anew when it comes back', () => {
    const { out, buffer } = run(200, (n, push) => (n < 50 || n >= 100) && push(n - (n < 50 ? 0 : 50)));
    expect(out.subarray(60 * tick, 100 * tick).every((sample) => sample === 0)).toBe(true);
    expect(buffer.stats.lost).toBe(0);
    expect(sharpestCorner(out)).toBeLessThan(1.5 * toneCorner);
    expect(out.subarray(199 * tick)).toEqual(frame(148 * tick));
  });

  it('drops what it has heard already, and takes a phone that counts anew for what it is', () => {
    const buffer = createJitterBuffer({ sampleRateHz: rate });
    buffer.push(frame(50_000, 2 * tick), 50_000);
    buffer.push(frame(50_000 + tick, 2 * tick), 50_000 + tick);
    expect(buffer.queuedMs).toBe(60);
    buffer.push(frame(0), 0);
    expect(buffer.queuedMs).toBe(80);
  });

  it('never holds more than its bound, however fast a phone sends', () => {
    const buffer = createJitterBuffer({ sampleRateHz: rate });
    for (let n = 0; n < 300; n++) {
      buffer.push(frame(n * tick), n * tick);
      if (n % 3 !== 2) continue;
      pull(buffer);
      expect(buffer.queuedMs).toBeLessThanOrEqual(jitterDelayMs.max - 20);
    }
    buffer.push(frame(300 * tick, 10 * rate), 300 * tick);
    expect(buffer.queuedMs).toBe(400);
  });

  /** Chunks of a tone and how many ticks pass after each. */
  const arrivals = (chunk: { readonly min: number; readonly max: number }) =>
    fc.array(fc.record({ wait: fc.integer({ min: 0, max: 3 }), chunk: fc.integer(chunk) }), {
      minLength: 20,
      maxLength: 60,
    });
  const cornerOf = (steps: readonly { readonly wait: number; readonly chunk: number }[]): number => {
    const buffer = createJitterBuffer({ sampleRateHz: rate });
    const heard = new Int16Array(steps.reduce((ticks, { wait }) => ticks + wait, 0) * tick);
    let position = 0;
    let ticks = 0;
    for (const { wait, chunk } of steps) {
      buffer.push(frame(position, chunk), position);
      position += chunk;
      for (let n = 0; n < wait; n++, ticks++) heard.set(pull(buffer), ticks * tick);
    }
    return sharpestCorner(heard);
  };

  it('makes no click at any pattern of late frames of 20 ms or more', () => {
    fc.assert(
      fc.property(arrivals({ min: tick, max: 700 }), (steps) => {
        expect(cornerOf(steps)).toBeLessThan(2 * toneCorner);
      }),
      { numRuns: 200 },
    );
  });

  it('makes no jump even of starving crumbs', () => {
    fc.assert(
      fc.property(arrivals({ min: 1, max: 200 }), (steps) => {
        expect(cornerOf(steps)).toBeLessThan(1.2 * amplitude);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses a rate at which a tick is not a whole number of samples', () => {
    expect(() => createJitterBuffer({ sampleRateHz: 11_025 })).toThrow(RangeError);
  });
});
