import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeWav, tone } from '@agentao/audio';
import { afterAll, describe, expect, it } from 'vitest';
import { readPromptFiles } from './prompt-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentao-prompts-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, seconds: number, sampleRateHz = 8_000): string {
  const path = join(folder, name);
  const samples =
    seconds === 0
      ? new Int16Array()
      : tone({ frequencyHz: 440, durationMs: seconds * 1_000, sampleRateHz, levelDb: -20 });
  writeFileSync(path, encodeWav(samples, { sampleRateHz }));
  return path;
}

describe('the files of prompts', () => {
  it('are read at any rate, as the switch wants them', () => {
    const read = readPromptFiles({ nobodyLeft: file('short.wav', 1), shuttingDown: undefined });
    expect(read).toMatchObject({ ok: true });
    if (read.ok)
      expect(Object.entries(read.clips).map(([name, clip]) => [name, clip.length])).toEqual([['nobodyLeft', 24_000]]);
  });

  it('that are missing, no sound, too long or no WAV are told by their keys', () => {
    const noWav = join(folder, 'text.wav');
    writeFileSync(noWav, 'hello');
    const read = readPromptFiles({
      nobodyLeft: '/none.wav',
      shuttingDown: file('long.wav', 11),
      recordingNotice: noWav,
    });
    const empty = readPromptFiles({ nobodyLeft: file('empty.wav', 0) });
    const told = [read, empty].flatMap((result) => (result.ok ? [] : result.faults));
    expect(told.map(({ path: at, message }) => `${at.join('.')}: ${message.replace(folder, '')}`)).toEqual([
      expect.stringMatching(/^prompts\.nobodyLeft: \/none\.wav cannot be used: ENOENT/),
      'prompts.shuttingDown: /long.wav cannot be used: it is longer than 10 s',
      expect.stringMatching(/^prompts\.recordingNotice: \/text\.wav cannot be used: /),
      'prompts.nobodyLeft: /empty.wav cannot be used: it holds no sound',
    ]);
  });
});
