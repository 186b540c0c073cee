import { readFile, stat } from 'node:fs/promises';
import { levelDb, readWav, WavError } from '@agentao/audio';
import { CommandError } from '../command-error.ts';

/** Something a simulated person says: mono PCM, starting with its first sound. */
export interface Speech {
  readonly samples: Int16Array;
  readonly sampleRateHz: number;
  /** Length of the recording it was taken from. */
  readonly recordingMs: number;
}

/** How a recording becomes speech. */
export interface SpeechOptions {
  readonly sampleRateHz: number;
  /** The rest of a longer recording is left out. */
  readonly maxMs: number;
}

/** Level of speech on the line, in dBFS, for every speaker; so figures of different recordings compare. */
export const spokenLevelDb = -20;
const quietestDb = -60;
const frameMs = 20;
const maxFileBytes = 100_000_000;

/**
 * Reads a WAV file of any rate, channels and encoding the audio package knows; cuts the silence in front of it and brings its
 * spoken parts to {@link spokenLevelDb}. Throws CommandError with one clear line for whatever is wrong with the file.
 */
export async function readSpeech(path: string, options: SpeechOptions): Promise<Speech> {
  return toSpeech(decode(await readBytes(path), path, options.sampleRateHz), path, options);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const info = await stat(path);
    if (!info.isFile() && !info.isDirectory()) throw new CommandError(`Cannot read ${path}: it is no regular file.`);
    if (info.size > maxFileBytes) throw new CommandError(`Cannot read ${path}: it is larger than 100 MB.`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reasons = new Map([
      ['ENOENT', 'there is no such file'],
      ['EISDIR', 'it is a folder'],
      ['EACCES', 'permission denied'],
    ]);
    throw new CommandError(`Cannot read ${path}: ${reasons.get(code ?? '') ?? code ?? 'unknown error'}.`);
  }
}

function decode(bytes: Uint8Array, path: string, sampleRateHz: number): Int16Array {
  if (bytes.length === 0) throw new CommandError(`Cannot read ${path}: the file is empty.`);
  try {
    return readWav(bytes, { sampleRateHz });
  } catch (error) {
    if (!(error instanceof WavError)) throw error;
    throw new CommandError(`Cannot read ${path}: ${error.message}`);
  }
}

/** The sounding part of a recording at the level of speech. Throws CommandError, naming `path`, if nothing sounds. */
export function toSpeech(recording: Int16Array, path: string, { sampleRateHz, maxMs }: SpeechOptions): Speech {
  const frame = (sampleRateHz * frameMs) / 1000;
  const levels: number[] = [];
  for (let n = 0; n < recording.length; n += frame) levels.push(levelDb(recording.subarray(n, n + frame)));
  const loudest = levels.reduce((a, b) => Math.max(a, b), -120);
  if (recording.length === 0) throw new CommandError(`Cannot use ${path}: it holds no sound.`);
  if (loudest < quietestDb) {
    throw new CommandError(`Cannot use ${path}: it is silent (loudest ${loudest.toFixed(0)} dBFS).`);
  }
  const threshold = loudest - 30;
  const first = levels.findIndex((level) => level > threshold) * frame;
  const samples = recording.slice(first, first + (sampleRateHz * maxMs) / 1000);
  scaleToLevel(samples, frame, threshold);
  return { samples, sampleRateHz, recordingMs: (recording.length * 1000) / sampleRateHz };
}

/** Scales so that the frames above `thresholdDb` have the spoken level together, without clipping. */
function scaleToLevel(samples: Int16Array, frame: number, thresholdDb: number): void {
  let energy = 0;
  let count = 0;
  let peak = 1;
  for (let n = 0; n < samples.length; n += frame) {
    const part = samples.subarray(n, n + frame);
    const isSpoken = levelDb(part) > thresholdDb;
    for (const sample of part) {
      peak = Math.max(peak, Math.abs(sample));
      if (isSpoken) energy += sample * sample;
    }
    if (isSpoken) count += part.length;
  }
  const rms = Math.sqrt(energy / count) / 32_768;
  const gain = Math.min(10 ** (spokenLevelDb / 20) / rms, 32_000 / peak);
  for (let n = 0; n < samples.length; n++) samples[n] = Math.round((samples[n] ?? 0) * gain);
}
