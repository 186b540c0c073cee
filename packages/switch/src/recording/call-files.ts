import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createWavWriter, encodeWav, toBytes } from '@agentao/audio';
import { busRateHz, busTickSamples } from '../media/bus.ts';
import { recordedParties, type RecordingHeader, type RecordingMark, type RecordingStopReason } from './recorder.ts';

/** The timeline of a recording, beside its tracks: one JSON object a line, the header first. */
export const timelineFile = 'timeline.jsonl';

/** The consent tone as it was played, if it was. */
export const consentFile = 'consent-tone.wav';

/** The file of the prompt that was the `number`-th to be played. */
function promptFile(number: number): string {
  return `prompt-${number}.wav`;
}

/** A mark as the timeline has it: a prompt is a file beside it. */
export type MarkLine =
  | Exclude<RecordingMark, { readonly type: 'prompt' }>
  | (Omit<Extract<RecordingMark, { readonly type: 'prompt' }>, 'clip'> & { readonly file: string | null });

/** The file of a party's track. */
export function trackFile(party: (typeof recordedParties)[number]): string {
  return `${party}.wav`;
}

/** The last line of a timeline, unless the process was killed. */
export interface EndLine {
  readonly type: 'end';
  readonly tick: number;
  readonly state: 'complete' | 'stopped';
  readonly reason?: RecordingStopReason;
}

/** The files of one recording, open. Every method but `stop` may throw what the file system throws; what was written before is readable all the time. */
export interface CallFiles {
  /** Bytes of all files. */
  readonly bytes: number;
  /** Adds lines to the timeline. */
  mark(marks: readonly RecordingMark[]): void;
  /** Writes ticks of all tracks where they belong; ticks left out in front of them are silence. */
  write(firstTick: number, tracks: readonly Int16Array[]): void;
  /** The call is over before `tick`: closes the files. */
  finish(tick: number): void;
  /** Cuts the tracks to the last tick that all of them have, says why, and closes the files as far as that is possible. Never throws. */
  stop(reason: RecordingStopReason): void;
}

/** How files are opened; another one is for tests. Like `openSync` with flags `wx`. */
export type OpenFile = (path: string) => number;

const wav = createWavWriter({ sampleRateHz: busRateHz });
const tickBytes = 2 * busTickSamples;
const openNew: OpenFile = (path) => openSync(path, 'wx', 0o600);

/**
 * Makes `folder` and the files in it; the two folders that it lies in are made, too, but not the one above, which is that of the records. Throws what the file system throws. Nothing is
 * flushed to the medium: what is written survives the end of the process, not that of the machine.
 */
export function createCallFiles(folder: string, header: RecordingHeader, openFile: OpenFile = openNew): CallFiles {
  const { startTick, consentClip, ...facts } = header;
  makeFolder(dirname(dirname(folder)));
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
  const open: number[] = [];
  const opened = (name: string): number => {
    const file = openFile(join(folder, name));
    open.push(file);
    return file;
  };
  let timelineBytes = 0;
  let clipBytes = 0;
  let prompts = 0;
  /** Bytes behind the header that every track has. */
  let audioBytes = 0;

  const close = (): void => {
    for (const file of open.splice(0)) attempt(() => closeSync(file));
  };
  const writeWavHeaders = (): void => {
    for (const track of tracks) writeAll(track, wav.finalHeader(audioBytes / 2), 0);
  };
  const writeLines = (lines: readonly object[]): void => {
    const text = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    writeAll(timeline, text, timelineBytes);
    timelineBytes += text.length;
  };

  const writeClip = (name: string, clip: Int16Array): void => {
    const bytes = encodeWav(clip, { sampleRateHz: busRateHz });
    writeAll(opened(name), bytes, 0);
    clipBytes += bytes.length;
  };
  const lineOf = (mark: RecordingMark): MarkLine => {
    if (mark.type !== 'prompt') return mark;
    const { clip, ...line } = mark;
    if (clip === undefined) return { ...line, file: null };
    const file = promptFile(++prompts);
    writeClip(file, clip);
    return { ...line, file };
  };

  let timeline: number;
  let tracks: readonly number[];
  try {
    timeline = opened(timelineFile);
    tracks = recordedParties.map((party) => opened(trackFile(party)));
    const format = { version: 1, sampleRateHz: busRateHz, tickSamples: busTickSamples, tracks: recordedParties };
    writeLines([{ type: 'recording', ...format, ...facts, startTick }]);
    writeWavHeaders();
    if (consentClip !== undefined) writeClip(consentFile, consentClip);
  } catch (error) {
    close();
    throw error;
  }

  return {
    get bytes() {
      return timelineBytes + clipBytes + tracks.length * (wav.headerBytes + audioBytes);
    },
    mark: (marks) => writeLines(marks.map(lineOf)),
    write(firstTick, samples) {
      const from = (firstTick - startTick) * tickBytes;
      for (const [i, track] of tracks.entries())
        writeAll(track, toBytes(samples[i] as Int16Array), wav.headerBytes + from);
      audioBytes = from + (samples[0] as Int16Array).byteLength;
      writeWavHeaders();
    },
    finish(tick) {
      audioBytes = (tick - startTick) * tickBytes;
      // What was left out at the end.
      for (const track of tracks) ftruncateSync(track, wav.headerBytes + audioBytes);
      writeWavHeaders();
      writeLines([{ type: 'end', tick, state: 'complete' } satisfies EndLine]);
      close();
    },
    stop(reason) {
      for (const track of tracks) attempt(() => ftruncateSync(track, wav.headerBytes + audioBytes));
      attempt(writeWavHeaders);
      attempt(() => ftruncateSync(timeline, timelineBytes));
      const tick = startTick + audioBytes / tickBytes;
      attempt(() => writeLines([{ type: 'end', tick, state: 'stopped', reason } satisfies EndLine]));
      close();
    },
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Writes all of it or throws: a disk that fills up takes a part first. */
function writeAll(file: number, bytes: Uint8Array, position: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // The files are being given up already.
  }
}
