import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeWav } from '@agentao/audio';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { busTickSamples } from '../media/bus.ts';
import { matrices } from '../media/matrix.ts';
import type { OpenFile } from './call-files.ts';
import { recordedParties, type RecordingHeader, type RecordingMark } from './recorder.ts';
import { recordingFix } from './recording-fixes.ts';
import type { RecordingReport } from './recording-messages.ts';
import { recordingPath } from './recording-path.ts';
import { openRecording } from './recording-reader.ts';
import { recordingWav, wavContents } from './recording-wav.ts';
import { createRecordingWriter } from './recording-writer.ts';
import { openTickRing, ringBytes } from './tick-ring.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentao-recording-'));
  mkdirSync(join(folder, 'recordings'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const header: RecordingHeader = {
  callId: 'call_1',
  connectorUuid: 'support',
  startedAtMs: Date.UTC(2026, 0, 31, 23, 59),
  startMs: 1_010,
  startTick: 50,
  consentClip: undefined,
};
const path = recordingPath(header);

const say = (value: number): Int16Array => new Int16Array(busTickSamples).fill(value);

/** A writer of one recording, on this thread. */
function begin(options: { readonly header?: Partial<RecordingHeader>; readonly openFile?: OpenFile } = {}) {
  const reports: RecordingReport[] = [];
  const { openFile } = options;
  const writer = createRecordingWriter({
    folder,
    report: (report) => void reports.push(report),
    ...(openFile === undefined ? {} : { openFile }),
  });
  const memory = new SharedArrayBuffer(ringBytes);
  const ring = openTickRing(memory);
  writer.handle({ type: 'begin', id: 1, path, header: { ...header, ...options.header }, memory });
  return {
    writer,
    reports,
    write: (from: number, count: number) => {
      for (let tick = from; tick < from + count; tick++) {
        expect(ring.push(tick, { caller: say(tick), callee: say(1_000 + tick), agent: say(2_000 + tick) })).toBe(true);
      }
    },
    drain: () => {
      writer.look();
      writer.drain();
    },
    end: (tick: number) => writer.handle({ type: 'end', id: 1, tick }),
  };
}

/** The value of each tick of a track. */
function valuesOf(file: string): number[] {
  const { samples } = decodeWav(readFileSync(join(folder, path, file)));
  return Array.from({ length: samples.length / busTickSamples }, (_, i) => samples[i * busTickSamples] as number);
}

describe('the files of a recording', () => {
  it('are named after the day and the call, and nobody else may read them', () => {
    begin();
    expect(path).toBe('recordings/2026-01-31/call_1');
    expect(readdirSync(join(folder, path)).sort()).toEqual(['agent.wav', 'callee.wav', 'caller.wav', 'timeline.jsonl']);
    expect(statSync(join(folder, path)).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, path, 'agent.wav')).mode & 0o777).toBe(0o600);
    expect(() => recordingPath({ ...header, callId: '../x' })).toThrow(RangeError);
  });

  it('have each tick where it belongs, and silence for those that were left out', () => {
    const { write, drain, end, reports } = begin();
    write(50, 2);
    drain();
    write(55, 1);
    drain();
    end(58);
    expect(valuesOf('caller.wav')).toEqual([50, 51, 0, 0, 0, 55, 0, 0]);
    expect(valuesOf('agent.wav')).toEqual([2_050, 2_051, 0, 0, 0, 2_055, 0, 0]);
    const files = readdirSync(join(folder, path)).map((name) => statSync(join(folder, path, name)).size);
    const bytes = files.reduce((sum, size) => sum + size, 0);
    expect(reports.at(-1)).toEqual({ type: 'state', id: 1, state: { state: 'complete', path, bytes } });
  });

  it('hold each prompt that was played, so that what people heard is mixed from them alone', () => {
    const { write, writer, drain, end, reports } = begin();
    const clip = Int16Array.from({ length: 700 }, (_, i) => 3_000 + i);
    const mark = (marked: RecordingMark): void => writer.handle({ type: 'mark', id: 1, mark: marked });
    mark({ type: 'line', tick: 50, party: 'callee', isOpen: true });
    mark({ type: 'prompt', tick: 51, clip, soundedTicks: 0 });
    mark({ type: 'prompt', tick: 54, clip: clip.subarray(0, 10), soundedTicks: 0 });
    mark({ type: 'prompt', tick: 55, clip: undefined, soundedTicks: 0 });
    write(50, 6);
    drain();
    end(56);
    const files = readdirSync(join(folder, path));
    expect(files).toEqual(expect.arrayContaining(['prompt-1.wav', 'prompt-2.wav']));
    const bytes = files.reduce((sum, name) => sum + statSync(join(folder, path, name)).size, 0);
    expect(reports.at(-1)).toMatchObject({ state: { state: 'complete', bytes } });
    using reader = openRecording(join(folder, path));
    const wav = decodeWav(Buffer.concat([...recordingWav(reader, 'callee-ear')]));
    const heard = new Int16Array(6 * busTickSamples);
    heard.set(clip, busTickSamples);
    heard.set(clip.subarray(0, 10), 4 * busTickSamples);
    expect(wav.samples).toEqual(heard);
  });

  it('are whole WAVs of equal length while they grow', () => {
    const { write, drain } = begin();
    for (let tick = 50; tick < 300; tick += 10) {
      write(tick, 10);
      drain();
      const lengths = recordedParties.map(
        (party) => decodeWav(readFileSync(join(folder, path, `${party}.wav`))).samples.length,
      );
      expect(lengths).toEqual(lengths.map(() => (tick + 10 - 50) * busTickSamples));
      expect(readFileSync(join(folder, path, 'caller.wav')).readUInt32LE(40)).toBe(
        (tick + 10 - 50) * busTickSamples * 2,
      );
    }
  });

  it('hold nothing of what was said after the last look, and marks before what they hold for', () => {
    const { writer, write } = begin();
    write(50, 1);
    writer.look();
    write(51, 1);
    writer.handle({ type: 'mark', id: 1, mark: { type: 'matrix', tick: 50, matrix: matrices.spy } });
    writer.drain();
    expect(valuesOf('caller.wav')).toEqual([50]);
    expect(openRecording(join(folder, path)).facts.marks).toEqual([{ type: 'matrix', tick: 50, matrix: matrices.spy }]);
  });
});

describe('a recording that was cut off', () => {
  it('anywhere in any of its files is read up to there', () => {
    const { writer, write, drain } = begin({ header: { consentClip: say(9) } });
    writer.handle({ type: 'mark', id: 1, mark: { type: 'line', tick: 50, party: 'caller', isOpen: true } });
    writer.handle({ type: 'mark', id: 1, mark: { type: 'matrix', tick: 50, matrix: matrices.barge } });
    write(50, 20);
    drain();
    const whole = join(folder, path);
    const size = statSync(join(whole, 'caller.wav')).size;
    const cutTrack = fc.integer({ min: 44, max: size });
    const firstLine = readFileSync(join(whole, 'timeline.jsonl'), 'utf8').indexOf('\n') + 1;
    const cutTimeline = fc.integer({ min: firstLine, max: statSync(join(whole, 'timeline.jsonl')).size });
    fc.assert(
      fc.property(fc.tuple(cutTrack, cutTrack, cutTrack), cutTimeline, (tracks, timeline) => {
        const copy = join(folder, 'copy');
        cpSync(whole, copy, { recursive: true });
        for (const [i, party] of recordedParties.entries()) truncateSync(join(copy, `${party}.wav`), tracks[i]);
        truncateSync(join(copy, 'timeline.jsonl'), timeline);
        using recording = openRecording(copy);
        const ticks = Math.min(...tracks.map((bytes) => Math.floor((bytes - 44) / 960)));
        expect(recording.facts).toMatchObject({ state: 'interrupted', ticks, startTick: 50 });
        const said = [...recording.seconds()].flatMap(({ agent }) => [...agent]);
        expect(said).toEqual(Array.from({ length: ticks }, (_, i) => [...say(2_050 + i)]).flat());
        for (const content of wavContents) {
          const wav = decodeWav(
            Buffer.concat([...recordingWav(recording, content)].map((piece) => Uint8Array.from(piece))),
          );
          expect(wav.samples.length / wav.channels).toBe(ticks * busTickSamples);
        }
        rmSync(copy, { recursive: true });
      }),
      { numRuns: 40 },
    );
  });
});

describe('the WAV of a recording', () => {
  function made(): Record<string, number[][]> {
    const { writer, write, end } = begin({ header: { consentClip: say(30_000) } });
    const mark = (tick: number, matrix: (typeof matrices)[keyof typeof matrices]): void =>
      writer.handle({ type: 'mark', id: 1, mark: { type: 'matrix', tick, matrix } });
    writer.handle({ type: 'mark', id: 1, mark: { type: 'line', tick: 50, party: 'caller', isOpen: true } });
    mark(50, matrices.answered);
    writer.handle({ type: 'mark', id: 1, mark: { type: 'line', tick: 52, party: 'callee', isOpen: true } });
    mark(52, matrices.whisper);
    mark(53, matrices.barge);
    write(50, 4);
    end(54);
    using recording = openRecording(join(folder, path));
    return Object.fromEntries(
      wavContents.map((content) => {
        const { samples, channels } = decodeWav(
          Buffer.concat([...recordingWav(recording, content)].map((piece) => Uint8Array.from(piece))),
        );
        const ticks = Array.from({ length: 4 }, (_, i) =>
          [...samples.subarray(i * busTickSamples * channels)].slice(0, channels),
        );
        return [content, ticks];
      }),
    );
  }

  it('has what the caller could hear and nothing of a whisper, one channel per party, or one person’s ear', () => {
    expect(made()).toEqual({
      mono: [[32_100], [2_102], [1_104], [3_159]],
      parties: [50, 51, 52, 53].map((tick) => [tick, 1_000 + tick, 2_000 + tick]),
      'caller-ear': [[32_050], [2_051], [1_052], [1_053 + 2_053]],
      'callee-ear': [[0], [0], [30_000 + 52 + 2_052], [53 + 2_053]],
    });
  });
});

// Only Linux has a device that is always full.
describe.skipIf(process.platform !== 'linux')('a disk that is full (/dev/full, on Linux)', () => {
  const full: OpenFile = () => openSync('/dev/full', 'w');

  it('before the first byte stops the recording at once', () => {
    const { reports, write, drain, end } = begin({ openFile: full });
    expect(reports).toEqual([
      {
        type: 'state',
        id: 1,
        state: { state: 'stopped', path, bytes: 0, reason: 'disk_full' },
        problem: { code: 'ENOSPC', message: expect.stringContaining('ENOSPC') as string },
      },
    ]);
    write(50, 3);
    drain();
    end(53);
    expect(reports).toHaveLength(1);
  });

  it.each(['callee.wav', 'timeline.jsonl'])(
    'later stops it where all tracks are whole, with what there is readable: %s',
    (name) => {
      const real = new Map<string, number>();
      const { reports, writer, write, drain } = begin({
        openFile: (file) => {
          const opened = openSync(file, 'wx');
          real.set(file.slice(file.lastIndexOf('/') + 1), opened);
          return opened;
        },
      });
      write(50, 5);
      drain();
      // The descriptor of one file leads to a full disk from here on.
      const victim = real.get(name) as number;
      closeSync(victim);
      const taken = openSync('/dev/full', 'w');
      expect(taken).toBe(victim);
      write(55, 5);
      writer.handle({ type: 'mark', id: 1, mark: { type: 'gap', tick: 60, ticks: 1, cause: 'stall' } });
      drain();
      expect(reports.at(-1)).toMatchObject({
        state: { state: 'stopped', reason: 'disk_full' },
        problem: { code: 'ENOSPC' },
      });
      using recording = openRecording(join(folder, path));
      expect(recording.facts.ticks).toBe(5);
      const [second] = [...recording.seconds()];
      expect(second?.caller).toHaveLength(5 * busTickSamples);
      expect(valuesOf('caller.wav')).toEqual([50, 51, 52, 53, 54]);
      for (const party of recordedParties) expect(statSync(join(folder, path, `${party}.wav`)).size).toBe(44 + 5 * 960);
      if (name === 'callee.wav') expect(recording.facts).toMatchObject({ state: 'stopped', reason: 'disk_full' });
    },
  );

  it('says that a folder which is gone cannot be written, and records the next call when it is back', () => {
    rmSync(folder, { recursive: true });
    expect(begin().reports).toMatchObject([
      { state: { state: 'stopped', reason: 'unwritable' }, problem: { code: 'ENOENT' } },
    ]);
    mkdirSync(folder);
    expect(begin().reports).toMatchObject([{ state: { state: 'recording' } }]);
  });
});

it.each([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EFBIG', 'disk_full'],
  ['EACCES', 'unwritable'],
])('tells what is full from what cannot be written: %s is %s', (code, reason) => {
  const openFile: OpenFile = () => {
    throw Object.assign(new Error(code), { code, syscall: 'open' });
  };
  expect(begin({ openFile }).reports).toMatchObject([{ state: { state: 'stopped', reason }, problem: { code } }]);
});

it('has a way out for each way that a file system says no', () => {
  expect(recordingFix('EFBIG')).toContain('ulimit -f');
  expect(recordingFix('ENOSPC')).toContain('make room');
  expect(recordingFix('EACCES')).toContain('writable');
  expect(recordingFix('UNKNOWN')).toContain('see whether the folder');
});

it('stops what is not over when it is closed, and reports that last', () => {
  const { writer, write, reports } = begin();
  write(50, 3);
  writer.handle({ type: 'close' });
  expect(reports.slice(1)).toMatchObject([{ state: { state: 'stopped', reason: 'failed' } }, { type: 'closed' }]);
  expect(valuesOf('caller.wav')).toEqual([50, 51, 52]);
});
