import { levelDb } from '@agentao/audio';
import { createVirtualClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { calleeClip, callerClip } from '../package-files.ts';
import { findSpeech, recognised } from './likeness.ts';
import { createRecording, type Recording } from './recording.ts';
import { readSpeech, spokenLevelDb } from './speech.ts';

const sampleRateHz = 16_000;
const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
const caller = (await readSpeech(callerClip, { sampleRateHz, maxMs: 2_000 })).samples;
const callee = (await readSpeech(calleeClip, { sampleRateHz, maxMs: 2_000 })).samples;

function recordingOf(parts: readonly { samples: Int16Array; atMs: number; gain: number }[]): Recording {
  const sound = new Int16Array(4 * sampleRateHz);
  for (const { samples, atMs, gain } of parts) {
    const start = atMs * 16;
    samples.forEach((sample, n) => (sound[start + n] = (sound[start + n] ?? 0) + Math.round(sample * gain)));
  }
  const recording = createRecording({ sampleRateHz });
  recording.write(sound, 0, 0);
  return recording;
}

async function find(ear: Recording, minDelayMs: number, maxDelayMs: number): ReturnType<typeof findSpeech> {
  const mouth = recordingOf([{ samples: caller, atMs: 0, gain: 1 }]);
  const search = findSpeech(clock, { mouth, ear }, { fromMs: 0, toMs: 1_800, minDelayMs, maxDelayMs });
  return clock.runUntil(search, { maxMs: 60_000 });
}

it('finds speech with its delay and its level, half as loud and under other speech', async () => {
  const ear = recordingOf([
    { samples: caller, atMs: 130, gain: 0.5 },
    { samples: callee, atMs: 400, gain: 0.5 },
  ]);
  const found = await find(ear, 0, 600);
  expect(found.likeness).toBeGreaterThan(recognised);
  expect(found.delayMs).toBe(130);
  expect(found.levelDb).toBeGreaterThan(spokenLevelDb - 8);
  expect(found.levelDb).toBeLessThan(spokenLevelDb - 4);
});

it('measures the level of speech whose delay changes on the way', async () => {
  const ear = recordingOf([
    { samples: caller.subarray(0, 12_000), atMs: 130, gain: 1 },
    { samples: caller.subarray(12_000), atMs: 130 + 750 + 12, gain: 1 },
  ]);
  const found = await find(ear, 0, 600);
  expect(found.likeness).toBeGreaterThan(recognised);
  expect(found.levelDb).toBeCloseTo(levelDb(caller.subarray(0, 28_800)), 0);
});

it('tells speech that came directly from its repetition a second later', async () => {
  const ear = recordingOf([
    { samples: caller, atMs: 100, gain: 1 },
    { samples: caller, atMs: 1_140, gain: 1 },
  ]);
  expect((await find(ear, 0, 600)).delayMs).toBe(100);
  expect((await find(ear, 850, 1_800)).delayMs).toBe(1_140);
});

it('does not find speech in other speech, nor in silence', async () => {
  const other = await find(recordingOf([{ samples: callee, atMs: 100, gain: 1 }]), 0, 600);
  expect(other.likeness).toBeLessThan(recognised / 1.5);
  expect(await find(recordingOf([]), 0, 600)).toMatchObject({ likeness: 0, levelDb: -120 });
});
