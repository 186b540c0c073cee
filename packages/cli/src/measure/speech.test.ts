import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav, levelDb, tone } from '@agentao/audio';
import { afterAll, describe, expect, it } from 'vitest';
import { CommandError } from '../command-error.ts';
import { calleeClip, callerClip } from '../package-files.ts';
import { readSpeech, spokenLevelDb, toSpeech } from './speech.ts';

const folder = await mkdtemp(join(tmpdir(), 'agentao-speech-'));
afterAll(() => rm(folder, { recursive: true }));

const options = { sampleRateHz: 16_000, maxMs: 5_000 };

async function refusal(name: string, bytes?: Uint8Array): Promise<string> {
  const path = join(folder, name);
  if (bytes) await writeFile(path, bytes);
  const error = await readSpeech(path, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CommandError);
  const { message } = error as CommandError;
  expect(message).not.toContain('\n');
  return message.replace(path, 'FILE');
}

describe('a file that cannot be spoken is refused with one line', () => {
  it('when it is missing', async () => {
    expect(await refusal('missing.wav')).toBe('Cannot read FILE: there is no such file.');
  });
  it('when it is a folder', async () => {
    expect(await refusal('.')).toMatch(/^Cannot read .*: it is a folder\.$/);
  });
  it('when it is empty', async () => {
    expect(await refusal('empty.wav', new Uint8Array())).toBe('Cannot read FILE: the file is empty.');
  });
  it('when it is something else', async () => {
    const text = new TextEncoder().encode('This is not a recording, it is a letter to somebody.\n'.repeat(9));
    expect(await refusal('letter.wav', text)).toMatch(/^Cannot read FILE: [^.]+\. Pass a WAV file\.$/);
  });
  it('when it is no regular file, or too large, before it is read', async () => {
    await expect(readSpeech('/dev/zero', options)).rejects.toThrow('Cannot read /dev/zero: it is no regular file.');
    await writeFile(join(folder, 'large.wav'), '');
    await truncate(join(folder, 'large.wav'), 100_000_001);
    expect(await refusal('large.wav')).toBe('Cannot read FILE: it is larger than 100 MB.');
  });
  it('when it is cut off before its sound', async () => {
    const wav = encodeWav(new Int16Array(100), { sampleRateHz: 8_000 });
    expect(await refusal('cut.wav', wav.subarray(0, 30))).toMatch(/^Cannot read FILE: .+/);
  });
  it('when it holds no samples', async () => {
    expect(await refusal('nothing.wav', encodeWav(new Int16Array(), { sampleRateHz: 8_000 }))).toMatch(
      /^Cannot .+ FILE: /,
    );
  });
  it('when it is silent', async () => {
    const wav = encodeWav(new Int16Array(8_000).fill(2), { sampleRateHz: 8_000 });
    expect(await refusal('silent.wav', wav)).toBe('Cannot use FILE: it is silent (loudest -84 dBFS).');
  });
});

describe('speech', () => {
  it('starts with its first sound, at the common level, whatever rate, channels and level it was recorded at', async () => {
    const sound = tone({ frequencyHz: 440, durationMs: 500, sampleRateHz: 44_100, levelDb: -45 });
    const stereo = new Int16Array(2 * (44_100 + sound.length));
    sound.forEach((sample, n) => stereo.fill(sample, 2 * (44_100 + n), 2 * (44_100 + n) + 2));
    const path = join(folder, 'stereo.wav');
    await writeFile(path, encodeWav(stereo, { sampleRateHz: 44_100, channels: 2 }));
    const { samples, recordingMs } = await readSpeech(path, options);
    expect(recordingMs).toBeCloseTo(1_500, 0);
    expect(samples.length / 16).toBeGreaterThan(490);
    expect(samples.length / 16).toBeLessThan(525);
    expect(levelDb(samples.subarray(0, 7_000))).toBeCloseTo(spokenLevelDb, 0);
  });

  it('is cut at the longest length and never clips', () => {
    const spiky = new Int16Array(32_000).fill(300);
    spiky[5_000] = 30_000;
    const { samples } = toSpeech(spiky, 'x', { sampleRateHz: 16_000, maxMs: 1_000 });
    expect(samples).toHaveLength(16_000);
    expect(Math.max(...samples)).toBe(32_000);
  });

  it('comes with the package for caller and callee', async () => {
    for (const path of [callerClip, calleeClip]) {
      const { samples } = await readSpeech(path, options);
      expect(samples.length / 16_000).toBeGreaterThan(2);
      expect(samples.length / 16_000).toBeLessThan(4);
    }
  });
});
