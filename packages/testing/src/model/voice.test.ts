import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { levelDb } from '@agentao/audio';
import { wordsOf } from '@agentao/audio/speech';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemVoice } from './system-voice.ts';
import { tonesVoice } from './voice.ts';

const { signal } = new AbortController();

describe('the voice of tones', () => {
  it('knows when each word ends, also of one that is spoken in pieces', async () => {
    for (const sampleRateHz of [8000, 16_000, 24_000]) {
      const voice = tonesVoice({ sampleRateHz });
      const { samples, wordEndsMs } = await voice.speak('  Good morning, Grüße 10:30 ', { signal });
      const found = wordsOf(samples, { sampleRateHz, bands: ['high'] });
      expect(found.map(({ text }) => text)).toEqual(['Good', 'morning,', 'Grüße', '10:30']);
      for (const [index, { endSample }] of found.entries()) {
        expect(Math.abs((endSample * 1000) / sampleRateHz - (wordEndsMs[index] as number))).toBeLessThanOrEqual(2.5);
      }
    }
    const { samples, wordEndsMs } = await tonesVoice().speak(`${'x'.repeat(100)} end`, { signal });
    expect(wordEndsMs).toHaveLength(2);
    expect(wordEndsMs[1]).toBe(samples.length / 24 - 50);
  });

  it('has nothing to say for an empty text, and no rate below that of telephones', async () => {
    expect((await tonesVoice().speak(' ', { signal })).samples).toHaveLength(0);
    expect(() => tonesVoice({ sampleRateHz: 6000 })).toThrow(RangeError);
  });
});

describe('the voice of the system', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agentao-voice-test-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A speaker that keeps what it was given, and does `then`. */
  const speaker = async (then: string): Promise<ReturnType<typeof systemVoice>> => {
    const file = join(folder, 'espeak-ng');
    await writeFile(file, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/args\ncat > ${folder}/text\n${then}\n`);
    await chmod(file, 0o755);
    return systemVoice(folder);
  };

  it('is none where there is no program for it', () => {
    expect(systemVoice(folder)).toBeUndefined();
    expect(systemVoice('')).toBeUndefined();
  });

  it('gets the text on its input, so that no text is an option', async () => {
    const voice = await speaker('exit 3');
    await expect(voice?.speak('--version; rm -rf $HOME [[x]]', { signal })).rejects.toThrow('espeak-ng ended with 3');
    expect(await readFile(join(folder, 'text'), 'utf8')).toBe('--version; rm -rf $HOME x');
    expect(await readFile(join(folder, 'args'), 'utf8')).toMatch(/^--stdin\n-w\n.*sentence\.wav\n$/);
  });

  it('is killed when the sentence is called off', async () => {
    const voice = await speaker(`echo $$ > ${folder}/pid; exec sleep 60`);
    const aborter = new AbortController();
    const spoken = voice?.speak('Good morning', { signal: aborter.signal });
    const ended = expect(spoken).rejects.toMatchObject({ name: 'AbortError' });
    const pid = await written(join(folder, 'pid'));
    aborter.abort();
    await ended;
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });

  const found = systemVoice();
  it.skipIf(found === undefined)('speaks (skipped without espeak-ng or say)', async () => {
    const { samples, wordEndsMs } = (await found?.speak('-v Good morning', { signal })) ?? {};
    expect(samples?.length).toBeGreaterThan(12_000);
    expect(levelDb(samples ?? new Int16Array(1))).toBeGreaterThan(-40);
    expect(wordEndsMs).toEqual([]);
  });
});

async function written(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.endsWith('\n') ? text : written(file);
}
