import { createResampler, levelDb, tone } from '@agentao/audio';
import { describe, expect, it } from 'vitest';
import { createFramer } from './framer.ts';
import { createMouth, type Mouth } from './mouth.ts';

/** A tone as a microphone gives it, in floats. */
function speech(inputRateHz: number, durationMs: number): Float32Array {
  const samples = tone({ frequencyHz: 440, sampleRateHz: inputRateHz, durationMs });
  return Float32Array.from(samples, (sample) => sample / 32_768);
}

function createBench(inputRateHz: number): { readonly mouth: Mouth; readonly frames: Int16Array[] } {
  const frames: Int16Array[] = [];
  const mouth = createMouth({ inputRateHz, onFrame: (frame) => frames.push(frame.slice()) });
  return { mouth, frames };
}

function speakAll(mouth: Mouth, samples: Float32Array, quantum: number): void {
  for (let at = 0; at < samples.length; at += quantum) mouth.speak(samples.subarray(at, at + quantum));
}

function join(frames: readonly Int16Array[]): number[] {
  return frames.flatMap((frame) => [...frame]);
}

describe('framer', () => {
  it('cuts any chunks into the same frames', () => {
    const samples = Int16Array.from({ length: 2000 }, (_, i) => i);
    const cut = (sizes: readonly number[]): number[][] => {
      const frames: number[][] = [];
      const framer = createFramer(480, (frame) => frames.push([...frame]));
      for (let at = 0, i = 0; at < samples.length; i++) {
        const chunk = samples.slice(at, at + (sizes[i % sizes.length] ?? 1));
        framer.push(chunk, chunk.length);
        at += chunk.length;
      }
      return frames;
    };
    const whole = cut([2000]);
    expect(whole).toHaveLength(4);
    expect(whole.flat()).toEqual([...samples.subarray(0, 1920)]);
    for (const sizes of [[1], [64], [69, 70], [479, 1, 481], [700]]) expect(cut(sizes)).toEqual(whole);
  });

  it('takes no more than it is told to', () => {
    const frames: Int16Array[] = [];
    const framer = createFramer(4, (frame) => frames.push(frame.slice()));
    framer.push(Int16Array.of(1, 2, 3, 9, 9), 3);
    framer.push(Int16Array.of(4), 1);
    expect(frames).toEqual([Int16Array.of(1, 2, 3, 4)]);
  });
});

describe('mouth', () => {
  it.each([48_000, 44_100, 24_000, 16_000, 96_000])(
    'gives frames of 20 ms at %i Hz, as one resampling of the whole',
    (rate) => {
      const samples = speech(rate, 1000);
      const { mouth, frames } = createBench(rate);
      speakAll(mouth, samples, 128);
      const whole = createResampler({ inputRateHz: rate, outputRateHz: 24_000 }).process(
        Int16Array.from(samples, (sample) => Math.round(sample * 32_768)),
      );
      expect(frames.length).toBe(Math.floor(whole.length / 480));
      expect(frames.every((frame) => frame.length === 480)).toBe(true);
      expect(join(frames)).toEqual([...whole.subarray(0, frames.length * 480)]);
    },
  );

  it.each([48_000, 44_100])('gives the same however the microphone cuts at %i Hz', (rate) => {
    const samples = speech(rate, 500);
    const outputs = [128, 1, 441, samples.length].map((quantum) => {
      const { mouth, frames } = createBench(rate);
      speakAll(mouth, samples, quantum);
      return join(frames);
    });
    for (const output of outputs) expect(output).toEqual(outputs[0]);
  });

  it('keeps the pace in silence: 50 frames a second without a microphone', () => {
    const { mouth, frames } = createBench(44_100);
    for (let at = 0; at + 128 <= 441_000; at += 128) mouth.pause(128);
    expect(frames.length).toBe(499);
    expect(frames.every((frame) => frame.every((sample) => sample === 0))).toBe(true);
    expect(mouth.levelDb).toBe(-120);
  });

  it('sends silence while it is muted, at the same pace', () => {
    const { mouth, frames } = createBench(48_000);
    const second = speech(48_000, 1000);
    speakAll(mouth, second, 128);
    expect(mouth.levelDb).toBeCloseTo(-20, 1);
    mouth.muted = true;
    speakAll(mouth, second, 128);
    // One frame may hold the end of what was said before.
    expect(frames.slice(52).every((frame) => levelDb(frame) === -120)).toBe(true);
    expect(mouth.levelDb).toBe(-120);
    mouth.muted = false;
    speakAll(mouth, second, 128);
    expect(frames.length).toBe(150);
    expect(mouth.levelDb).toBeCloseTo(-20, 1);
  });

  it('saturates what is too loud, and takes nonsense for silence', () => {
    const { mouth, frames } = createBench(24_000);
    const loud = Float32Array.of(2, -2, 1, -1, Number.NaN, 0.5);
    speakAll(mouth, loud, 6);
    mouth.pause(474);
    expect([...(frames[0]?.subarray(0, 6) ?? [])]).toEqual([32_767, -32_768, 32_767, -32_768, 0, 16_384]);
  });
});

describe('a mouth that is told what to say', () => {
  it('says it whole in place of the microphone, muted or not, at any rate and size of quanta', () => {
    for (const [rateHz, quantum] of [
      [48_000, 128],
      [44_100, 128],
      [16_000, 100],
    ] as const) {
      const { mouth, frames } = createBench(rateHz);
      mouth.muted = true;
      const first = Int16Array.from({ length: 700 }, (_, i) => i + 1);
      const second = Int16Array.from({ length: 333 }, (_, i) => -i - 1);
      mouth.say(first);
      mouth.say(second);
      speakAll(mouth, speech(rateHz, 200), quantum);
      const heard = join(frames);
      const from = heard.indexOf(1);
      expect(heard.slice(from, from + 1_033)).toEqual([...first, ...second]);
      expect(heard.slice(from + 1_033).every((sample) => sample === 0)).toBe(true);
    }
  });

  it('leaves out what is more than a minute', () => {
    const { mouth, frames } = createBench(48_000);
    mouth.say(new Int16Array(60 * 24_000).fill(7));
    mouth.say(new Int16Array(1).fill(9));
    for (let i = 0; i < 61_000 / 20; i++) mouth.pause(960);
    expect(join(frames).filter((sample) => sample === 7)).toHaveLength(60 * 24_000);
    expect(join(frames)).not.toContain(9);
  });
});
