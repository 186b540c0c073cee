import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createWavWriter, decodeWav, toSamples } from '@agentao/audio';
import { busRateHz, busTickSamples } from '../media/bus.ts';
import type { SpokenTick } from '../media/level-tap.ts';
import { consentFile, type EndLine, type MarkLine, timelineFile, trackFile } from './call-files.ts';
import { recordedParties, type RecordingHeader, type RecordingMark, type RecordingStopReason } from './recorder.ts';

/** The facts of a recording, as its timeline tells them. */
export interface RecordingFacts extends Omit<RecordingHeader, 'consentClip'> {
  /** In order of their ticks. */
  readonly marks: readonly RecordingMark[];
  readonly consentClip: Int16Array | undefined;
  /** `interrupted`: the process was killed, and the last moment before that is missing. */
  readonly state: 'complete' | 'stopped' | 'interrupted';
  readonly reason: RecordingStopReason | undefined;
  /** Whole ticks that all tracks have. */
  readonly ticks: number;
}

/** A recording that is being read. */
export interface RecordingReader extends Disposable {
  readonly facts: RecordingFacts;
  /** Up to a second of all tracks at a time, from the start; the arrays are the reader's until the next. */
  seconds(): Iterable<SpokenTick>;
}

type TimelineLine =
  | ({ readonly type: 'recording'; readonly version: number } & Omit<RecordingHeader, 'consentClip'>)
  | MarkLine
  | EndLine;

const { headerBytes } = createWavWriter({ sampleRateHz: busRateHz });
const tickBytes = 2 * busTickSamples;
const secondTicks = 50;

/** Opens a recording by its folder, complete or not. Throws what the file system throws, and `Error` for a timeline without its first line. */
export function openRecording(folder: string): RecordingReader {
  const lines = readLines(join(folder, timelineFile));
  const [header] = lines;
  if (header?.type !== 'recording') throw new Error(`${timelineFile} of the recording has no header`);
  if (header.version !== 1) throw new Error(`the recording is of version ${header.version}, and this is 1`);
  const end = lines.find((line) => line.type === 'end');
  const { callId, connectorUuid, startedAtMs, startMs, startTick } = header;
  const files = recordedParties.map((party) => openSync(join(folder, trackFile(party)), 'r'));
  // The length of a file is the truth: a killed process may have written samples that the header does not know of yet.
  const ticksOf = (file: number): number => Math.max(0, Math.floor((fstatSync(file).size - headerBytes) / tickBytes));
  const ticks = Math.min(...files.map(ticksOf));
  const marks = lines
    .filter((line): line is MarkLine => line.type !== 'recording' && line.type !== 'end')
    .map((line) => markOf(line, folder));
  return {
    facts: {
      callId,
      connectorUuid,
      startedAtMs,
      startMs,
      startTick,
      // A gap is told when it is over.
      marks: marks.sort((a, b) => a.tick - b.tick),
      consentClip: readClip(join(folder, consentFile)),
      state: end?.state ?? 'interrupted',
      reason: end?.reason,
      ticks,
    },
    *seconds() {
      for (let tick = 0; tick < ticks; tick += secondTicks) {
        const count = Math.min(secondTicks, ticks - tick);
        const [caller, callee, agent] = files.map((file) => readTicks(file, tick, count)) as [
          Int16Array,
          Int16Array,
          Int16Array,
        ];
        yield { caller, callee, agent };
      }
    },
    [Symbol.dispose]: () => {
      for (const file of files.splice(0)) closeSync(file);
    },
  };
}

/** The whole lines of a timeline; a last one that was cut off is left out. */
function readLines(file: string): readonly TimelineLine[] {
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TimelineLine);
}

function markOf(line: MarkLine, folder: string): RecordingMark {
  if (line.type !== 'prompt') return line;
  const { type, tick, soundedTicks, file } = line;
  return { type, tick, soundedTicks, clip: file === null ? undefined : readClip(join(folder, file)) };
}

function readClip(file: string): Int16Array | undefined {
  try {
    return decodeWav(readFileSync(file)).samples;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readTicks(file: number, tick: number, count: number): Int16Array {
  const bytes = new Uint8Array(count * tickBytes);
  readSync(file, bytes, 0, bytes.length, headerBytes + tick * tickBytes);
  return toSamples(bytes);
}
