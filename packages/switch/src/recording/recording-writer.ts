import { join } from 'node:path';
import { type CallFiles, createCallFiles, type OpenFile } from './call-files.ts';
import type { RecordingMark, RecordingState, RecordingStopReason } from './recorder.ts';
import type { RecordingCommand, RecordingReport } from './recording-messages.ts';
import { openTickRing, type TickRing } from './tick-ring.ts';

/** Writes the recordings of many calls to files: the work of the recording thread, without the thread. */
export interface RecordingWriter {
  handle(command: RecordingCommand): void;
  /** Notes how far each call is. Marks handled before `drain` hold for all of that. */
  look(): void;
  /** Writes what had been said at the last `look`. */
  drain(): void;
}

/** What a writer is made of. */
export interface RecordingWriterOptions {
  /** Folder of the records, which paths start at. */
  readonly folder: string;
  readonly report: (report: RecordingReport) => void;
  /** For tests. */
  readonly openFile?: OpenFile;
}

interface Open {
  readonly id: number;
  readonly path: string;
  readonly files: CallFiles;
  readonly ring: TickRing;
  marks: RecordingMark[];
  limit: number;
}

/** What the file system says when there is no room: on the medium, for the user, in the file. */
const fullCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Makes a writer without recordings. It does not throw: a recording that cannot be written is stopped and reported. */
export function createRecordingWriter({ folder, report, openFile }: RecordingWriterOptions): RecordingWriter {
  const recordings = new Map<number, Open>();

  const tell = (id: number, state: RecordingState, error?: unknown): void => {
    if (error === undefined) report({ type: 'state', id, state });
    else report({ type: 'state', id, state, problem: { code: codeOf(error), message: messageOf(error) } });
  };

  const stop = ({ id, path, files }: Open, error: unknown): void => {
    recordings.delete(id);
    const reason = reasonOf(error);
    files.stop(reason);
    tell(id, { state: 'stopped', path, bytes: files.bytes, reason }, error);
  };

  const write = (recording: Open, limit: number): boolean => {
    const { files, ring, marks } = recording;
    try {
      if (marks.length > 0) {
        recording.marks = [];
        files.mark(marks);
      }
      ring.drain(limit, files.write);
      return true;
    } catch (error) {
      stop(recording, error);
      return false;
    }
  };

  const begin = ({ id, path, header, memory }: Extract<RecordingCommand, { readonly type: 'begin' }>): void => {
    try {
      const files = createCallFiles(join(folder, path), header, openFile);
      recordings.set(id, { id, path, files, ring: openTickRing(memory), marks: [], limit: 0 });
      tell(id, { state: 'recording', path });
    } catch (error) {
      tell(id, { state: 'stopped', path, bytes: 0, reason: reasonOf(error) }, error);
    }
  };

  const end = (recording: Open, tick: number): void => {
    const { id, path, files, ring } = recording;
    if (!write(recording, ring.pushed)) return;
    try {
      files.finish(tick);
    } catch (error) {
      return stop(recording, error);
    }
    recordings.delete(id);
    tell(id, { state: 'complete', path, bytes: files.bytes });
  };

  return {
    handle(command) {
      if (command.type === 'begin') return begin(command);
      if (command.type === 'close') {
        for (const recording of recordings.values()) {
          if (write(recording, recording.ring.pushed))
            stop(recording, new Error('the recorder was closed before the call ended'));
        }
        return report({ type: 'closed' });
      }
      // One that is stopped goes on being told until its call hears of that.
      const recording = recordings.get(command.id);
      if (recording === undefined) return;
      if (command.type === 'mark') recording.marks.push(command.mark);
      else end(recording, command.tick);
    },
    look() {
      for (const recording of recordings.values()) recording.limit = recording.ring.pushed;
    },
    drain() {
      for (const recording of recordings.values()) write(recording, recording.limit);
    },
  };
}

function codeOf(error: unknown): string {
  return (error as Partial<NodeJS.ErrnoException> | null)?.code ?? 'UNKNOWN';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function reasonOf(error: unknown): RecordingStopReason {
  const { code, syscall } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  if (fullCodes.has(code)) return 'disk_full';
  return syscall === undefined ? 'failed' : 'unwritable';
}
