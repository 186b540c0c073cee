import { tone } from '@agentao/audio';
import { describe, expect, it } from 'vitest';
import { createRecording } from './recording.ts';

const sampleRateHz = 8_000;
const frame = 160;

describe('recording', () => {
  it('lays messages out by position and leaves what is missing zero', () => {
    const recording = createRecording({ sampleRateHz });
    recording.write(new Int16Array(frame).fill(1), 1_000, 500);
    recording.write(new Int16Array(frame).fill(3), 1_000 + 2 * frame, 540);
    expect(recording.all()).toHaveLength(3 * frame);
    expect([recording.all()[0], recording.all()[frame], recording.all()[2 * frame]]).toEqual([1, 0, 3]);
    expect(recording).toMatchObject({ frames: 2, gaps: 1, longestWaitMs: 40, startedMs: 500 });
  });

  it('takes the earliest message as the moment it began, since messages may come late but not early', () => {
    const recording = createRecording({ sampleRateHz });
    recording.write(new Int16Array(frame), 0, 1_015);
    recording.write(new Int16Array(frame).fill(7), frame, 1_021);
    expect(recording.startedMs).toBe(1_001);
    expect(recording.between(1_021, 1_022)).toEqual(new Int16Array(8).fill(7));
  });

  it('gives zeros for times before it began and after its end', () => {
    const recording = createRecording({ sampleRateHz });
    recording.write(new Int16Array(frame).fill(5), 0, 100);
    expect(recording.between(99, 101)).toEqual(Int16Array.from([...Array(8).fill(0), ...Array(8).fill(5)]));
    expect(recording.between(119, 121)).toEqual(Int16Array.from([...Array(8).fill(5), ...Array(8).fill(0)]));
    expect(recording.between(0, 10)).toEqual(new Int16Array(80));
    expect(recording.between(900, 910)).toEqual(new Int16Array(80));
    expect(createRecording({ sampleRateHz }).between(0, 10)).toEqual(new Int16Array(80));
  });

  it('finds the first and the last sound to five milliseconds', () => {
    const recording = createRecording({ sampleRateHz });
    const sound = new Int16Array(sampleRateHz);
    sound.set(tone({ frequencyHz: 440, durationMs: 300, sampleRateHz, levelDb: -20 }), 0.2 * sampleRateHz);
    recording.write(sound, 0, 2_000);
    expect(recording.firstLoudMs(2_000)).toBe(2_200);
    expect(recording.lastLoudMs(2_000)).toBe(2_500);
    expect(recording.firstLoudMs(2_500)).toBeUndefined();
    expect(recording.lastLoudMs(2_000, { toMs: 2_200 })).toBeUndefined();
    expect(recording.levelDb(2_200, 2_500)).toBeCloseTo(-20, 0);
    expect(recording.levelDb(2_500, 3_000)).toBe(-120);
  });

  it('drops what lies beyond its bound and what comes a second time', () => {
    const recording = createRecording({ sampleRateHz, maxMs: 40 });
    for (const position of [0, frame, 0, 2 * frame]) recording.write(new Int16Array(frame).fill(9), position, 0);
    expect(recording.all()).toHaveLength(2 * frame);
  });
});
