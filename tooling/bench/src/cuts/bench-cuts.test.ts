import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeWav } from '@agentao/audio';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

it('a call over real sockets loses its media connection three times, and nobody hears anything twice or not at all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'agentao-cuts-'));
  try {
    const output = await new Promise<string>((resolve) => {
      const options = ['--seconds', '11', '--cuts', '3', '--out', folder];
      // It ends with 1 where the machine is too busy for its timing, of which nothing is asked here.
      execFile(process.execPath, [main, ...options], (_, stdout, stderr) => resolve(`${stdout}\n${stderr}`));
    });
    const { figures } = JSON.parse(/^\{"name":"cuts".*$/m.exec(output)?.[0] ?? `{"figures":${JSON.stringify(output)}}`);
    expect(figures).toMatchObject({
      cuts: 3,
      resumes: 3,
      'ticks repeated at the caller': 0,
      'ticks lost at the caller': 0,
      'ticks missing on it': 0,
      'ticks repeated on it': 0,
      'silent ticks on it': 0,
      'ticks missing by position, beyond those skipped': 0,
      'frames that overlap': 0,
      failures: 0,
    });
    for (const name of ['cuts-caller.wav', 'cuts-agent.wav']) {
      const { samples, sampleRateHz } = decodeWav(await readFile(join(folder, name)));
      expect(samples.length / sampleRateHz).toBeGreaterThan(10);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
