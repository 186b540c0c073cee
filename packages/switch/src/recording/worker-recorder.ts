import { Worker } from 'node:worker_threads';
import type { Logger } from '../servers/logger.ts';
import { RecordsError } from '../records/records-error.ts';
import { workerFile } from '../records/worker-file.ts';
import type { Recorder, RecordingMark, RecordingSink, RecordingState, RecordingStopReason } from './recorder.ts';
import type { RecordingCommand, RecordingReport } from './recording-messages.ts';
import { recordingFix } from './recording-fixes.ts';
import { recordingPath } from './recording-path.ts';
import { openTickRing, ringBytes } from './tick-ring.ts';

/** What a recorder has done since it was made. */
export interface RecorderStats {
  /** Recordings that are being written now. */
  readonly active: number;
  readonly completed: number;
  /** Those that stopped before their calls, by the reason why. */
  readonly stopped: Readonly<Record<RecordingStopReason, number>>;
  /** Bytes of the recordings that are over. */
  readonly bytes: number;
  /** Ticks of 20 ms that were not recorded because the disk was behind by more than two seconds. */
  readonly droppedTicks: number;
}

/** Records to files in a thread of its own. */
export interface WorkerRecorder extends Recorder {
  /** Resolves when the thread is up. Rejects with `RecordsError` if it does not come up. */
  readonly ready: Promise<void>;
  stats(): RecorderStats;
  /** Writes what is under way, and ends the thread. Recordings whose calls are not over are stopped. Idempotent. */
  close(): Promise<void>;
}

/** Where a recorder writes. */
export interface WorkerRecorderOptions {
  /** Folder of the records. */
  readonly folder: string;
  readonly logger: Logger;
}

interface Active {
  readonly path: string;
  readonly memory: SharedArrayBuffer;
  readonly callId: string;
  readonly told: (state: RecordingState) => void;
}

/** Rings kept for the next calls. */
const spareRings = 32;

/** Makes a recorder; its thread starts at once, and again for the next recording should it ever die. Throws `RecordsError` without its worker file. */
export function createWorkerRecorder({ folder, logger }: WorkerRecorderOptions): WorkerRecorder {
  const url = workerFile('recording-worker');
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  const active = new Map<number, Active>();
  const spare: SharedArrayBuffer[] = [];
  let nextId = 0;
  let worker: Worker | undefined;
  let closing: Promise<void> | undefined;
  const counts = { completed: 0, bytes: 0, droppedTicks: 0 };
  const stopped: Record<RecordingStopReason, number> = { disk_full: 0, unwritable: 0, failed: 0 };

  /** Reasons that are logged, until a recording is complete again. */
  const told = new Set<RecordingStopReason>();

  const count = (state: Exclude<RecordingState, { readonly state: 'recording' }>): void => {
    counts.bytes += state.bytes;
    if (state.state === 'complete') counts.completed++;
    else stopped[state.reason]++;
  };

  const settle = (id: number, state: RecordingState): void => {
    const recording = active.get(id);
    if (recording === undefined) return;
    if (state.state !== 'recording') {
      active.delete(id);
      count(state);
    }
    recording.told(state);
  };

  const onReport = (report: RecordingReport): void => {
    if (report.type === 'ready') return ready.resolve();
    if (report.type === 'closed') return;
    const { id, state, problem } = report;
    const recording = active.get(id);
    if (recording === undefined) return;
    const { callId, memory } = recording;
    if (problem !== undefined && state.state === 'stopped') {
      const { reason } = state;
      const { code, message } = problem;
      const text = `recording stopped, the call goes on, and further ones are only counted: ${message}`;
      if (!told.has(reason)) logger.error({ callId, reason, code, fix: recordingFix(code), folder }, text);
      told.add(reason);
    } else if (state.state === 'complete' && told.size > 0) {
      logger.info({ callId, stopped: { ...stopped } }, 'recordings are complete again');
      told.clear();
    }
    if (state.state !== 'recording' && spare.length < spareRings) spare.push(memory);
    settle(id, state);
  };

  const onDeath = (died: Worker, error: unknown): void => {
    if (worker !== died) return;
    worker = undefined;
    ready.reject(new RecordsError('WORKER_MISSING', `the recording thread does not start: ${String(error)}`));
    if (active.size > 0)
      logger.error(
        { err: error, recordings: active.size },
        'the recording thread ended; the next call starts it again',
      );
    for (const [id, { path }] of active) settle(id, { state: 'stopped', path, bytes: 0, reason: 'failed' });
  };

  const thread = (): Worker => {
    if (worker !== undefined) return worker;
    const started = new Worker(url, { name: 'agentao recording', workerData: { folder } });
    // Until it is up somebody may wait for nothing but that.
    started.once('message', () => started.unref());
    started.on('message', onReport);
    started.on('error', (error) => onDeath(started, error));
    started.on('exit', () => onDeath(started, undefined));
    worker = started;
    return started;
  };
  const send = (command: RecordingCommand): void => worker?.postMessage(command, []);
  thread();

  return {
    ready: ready.promise,
    stats: () => ({ active: active.size, ...counts, stopped: { ...stopped } }),

    begin(header, told) {
      const id = nextId++;
      const path = recordingPath(header);
      if (closing !== undefined) throw new Error('the recorder is closed');
      const memory = spare.pop() ?? new SharedArrayBuffer(ringBytes);
      new Int32Array(memory, 0, 2).fill(0);
      const ring = openTickRing(memory);
      active.set(id, { path, memory, callId: header.callId, told });
      thread().postMessage({ type: 'begin', id, path, header, memory } satisfies RecordingCommand, []);
      const mark = (marked: RecordingMark): void => {
        if (active.has(id)) send({ type: 'mark', id, mark: marked });
      };
      let firstDropped: number | undefined;
      const endGap = (tick: number): void => {
        if (firstDropped === undefined) return;
        mark({ type: 'gap', tick: firstDropped, ticks: tick - firstDropped, cause: 'overload' });
        firstDropped = undefined;
      };
      const sink: RecordingSink = {
        mark,
        write(tick, spoken) {
          if (!active.has(id)) return;
          if (ring.push(tick, spoken)) return endGap(tick);
          firstDropped ??= tick;
          counts.droppedTicks++;
        },
        end(tick) {
          endGap(tick);
          if (active.has(id)) send({ type: 'end', id, tick });
        },
      };
      return sink;
    },

    close() {
      closing ??= new Promise<void>((resolve) => {
        if (worker === undefined) return resolve();
        worker.ref();
        worker.once('exit', () => resolve());
        send({ type: 'close' });
      });
      return closing;
    },
  };
}
