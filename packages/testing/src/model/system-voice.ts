import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { readWav } from '@agentao/audio';
import type { Voice } from './voice.ts';

const sampleRateHz = 24_000;
const speakDeadlineMs = 10_000;
/** A sentence of a minute and a half, at the rates that speakers use. */
const longestWavBytes = 8 * 1024 * 1024;

/** Programs that read a text from their input and speak it into a WAV file: never as an argument, where it could be taken for an option. */
const speakers: readonly { readonly program: string; readonly args: (file: string) => readonly string[] }[] = [
  { program: 'espeak-ng', args: (file) => ['--stdin', '-w', file] },
  {
    program: 'say',
    args: (file) => ['-f', '-', '--file-format=WAVE', `--data-format=LEI16@${sampleRateHz}`, '-o', file],
  },
];

/**
 * The voice that this machine has: `espeak-ng`, or `say` of macOS; `undefined` where it has none. At 24,000 Hz. A sentence takes 10 s at most, then it
 * rejects; when it is called off, the program is killed.
 */
export function systemVoice(path: string = process.env['PATH'] ?? ''): Voice | undefined {
  for (const { program, args } of speakers) {
    const command = path
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, program))
      .find(isProgram);
    if (command === undefined) continue;
    const speak: Voice['speak'] = async (text, { signal }) => {
      const folder = await mkdtemp(join(tmpdir(), 'agentao-voice-'));
      try {
        const file = join(folder, 'sentence.wav');
        // Double brackets are commands to both programs.
        await run(command, { args: args(file), input: text.replaceAll('[[', '').replaceAll(']]', ''), signal });
        const wav = await readFile(file);
        if (wav.length > longestWavBytes) throw new Error(`${program}: a sentence of ${wav.length} bytes is too long`);
        return { samples: readWav(wav, { sampleRateHz }), wordEndsMs: [] };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    };
    return { name: program, sampleRateHz, speak };
  }
  return undefined;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Run {
  readonly args: readonly string[];
  readonly input: string;
  readonly signal: AbortSignal;
}

function run(command: string, { args, input, signal }: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'ignore', 'ignore'],
      signal,
      timeout: speakDeadlineMs,
      killSignal: 'SIGKILL',
    });
    let failure: Error | undefined;
    // It may be gone before it has read everything; how it ended tells the rest.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      failure = error;
      // Where it never started, it does not close either.
      if (child.pid === undefined) reject(error);
    });
    child.on('close', (code, killedBy) => {
      if (code === 0 && failure === undefined) resolve();
      else reject(failure ?? new Error(`${command} ended with ${code ?? killedBy}`));
    });
    child.stdin.end(input);
  });
}
