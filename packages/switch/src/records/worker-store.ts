import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '@agentao/clock';
import type { Logger } from '../servers/logger.ts';
import type { CallStore, RecordChange } from './call-store.ts';
import { RecordsError } from './records-error.ts';
import type { Retention, Swept } from './retention.ts';
import { storeFix } from './store-fixes.ts';
import type { StoreCommand, StoreReport, StoreThreadData } from './store-messages.ts';
import { workerFile } from './worker-file.ts';

/** What a store has done since it was opened. */
export interface StoreStats {
  /** Changes on the medium. */
  readonly written: number;
  /** Changes on their way. */
  readonly waiting: number;
  /** Changes dropped because the database was behind by too much. */
  readonly dropped: number;
  /** Changes that the schema did not allow. */
  readonly rejected: number;
  /** Attempts that failed as a whole; what they were to write is tried again. */
  readonly failures: number;
  /** Calls that retention has deleted. */
  readonly deletedCalls: number;
}

/** Keeps records in a database, in a thread of its own. */
export interface WorkerStore extends CallStore {
  stats(): StoreStats;
  /** Resolves when all that was written until now is on the medium or has been tried in vain. Never rejects. */
  flush(): Promise<void>;
  /** Deletes what retention does not keep, now; resolves with what that was. */
  sweep(): Promise<Swept>;
  /** Writes what is under way, and ends the thread. Idempotent. */
  close(): Promise<void>;
}

/** What a store is made of. */
export interface WorkerStoreOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retention: Retention;
  /** How often retention looks. */
  readonly sweepEveryMs: number;
}

const batchEveryMs = 200;
const batchChanges = 500;

/**
 * How much may be on its way, each change counting as one and one more for each kilobyte in it. Overflow policy: beyond the first bound entries of the timeline are dropped, beyond the second everything, each counted; a call
 * whose `arrived` was dropped has no record.
 */
const bounds = { timeline: 20_000, all: 40_000 } as const;

/** Starts the thread and opens the database. Rejects with {@link RecordsError} that names the option. */
export async function openWorkerStore(options: WorkerStoreOptions): Promise<WorkerStore> {
  const { folder, clock, logger, retention, sweepEveryMs } = options;
  const data: StoreThreadData = { folder, retention };
  const worker = new Worker(workerFile('store-worker'), { name: 'agentao records', workerData: data });
  const counts = { written: 0, dropped: 0, rejected: 0, failures: 0, deletedCalls: 0 };
  const flushes = new Map<number, () => void>();
  const sweeps: ((swept: Swept) => void)[] = [];
  let batch: RecordChange[] = [];
  let batchTimer: Timer | undefined;
  let sweepTimer: Timer | undefined;
  let batchWeight = 0;
  /** What is with the thread: changes, and their weight. */
  let sent = 0;
  let sentWeight = 0;
  let nextFlush = 0;
  let isBroken = false;
  let isAlive = true;
  let isOpen = false;
  let closing: Promise<void> | undefined;

  const send = (command: StoreCommand): void => {
    if (isAlive) worker.postMessage(command, []);
  };
  const sendBatch = (): void => {
    batchTimer?.cancel();
    batchTimer = undefined;
    if (batch.length === 0) return;
    send({ type: 'batch', changes: batch, weight: batchWeight });
    sent += batch.length;
    sentWeight += batchWeight;
    batch = [];
    batchWeight = 0;
  };

  const onWritten = (report: Extract<StoreReport, { readonly type: 'written' }>): void => {
    const { changes, weight, rejected, firstRejection } = report;
    sent -= changes;
    sentWeight -= weight;
    counts.written += changes - rejected;
    if (firstRejection !== undefined && counts.rejected === 0) {
      logger.error(
        { rejected, firstRejection },
        'call records: the schema refuses a change; further ones are only counted',
      );
    }
    counts.rejected += rejected;
    if (isBroken) logger.info({ ...counts }, 'call records are written again');
    isBroken = false;
  };

  const onUnwritten = (code: number, message: string): void => {
    counts.failures++;
    if (isBroken) return;
    isBroken = true;
    const fix = storeFix(code);
    logger.error({ code, fix, folder }, `call records cannot be written and are tried again; calls go on: ${message}`);
  };

  const onSwept = (swept: Swept): void => {
    counts.deletedCalls += swept.calls;
    if (swept.problem !== undefined) logger.error({ folder }, `retention cannot delete: ${swept.problem}`);
    else if (swept.calls > 0) logger.info({ calls: swept.calls, bytes: swept.bytes }, 'retention has deleted calls');
    sweeps.shift()?.(swept);
    if (swept.more && swept.problem === undefined) void sweep();
  };

  const onDeath = (error: unknown): void => {
    if (!isAlive) return;
    isAlive = false;
    batchTimer?.cancel();
    sweepTimer?.cancel();
    for (const resolve of flushes.values()) resolve();
    flushes.clear();
    for (const resolve of sweeps.splice(0)) resolve({ calls: 0, bytes: 0, more: false });
    if (isOpen && closing === undefined)
      logger.error(
        { err: error },
        'the thread of the call records ended: restart the switch to keep records again; calls go on',
      );
  };

  const sweep = (): Promise<Swept> =>
    new Promise((resolve) => {
      if (!isAlive) return resolve({ calls: 0, bytes: 0, more: false });
      sweeps.push(resolve);
      send({ type: 'sweep', nowMs: Math.round(clock.wallTime()) });
    });

  const flush = (): Promise<void> =>
    new Promise((resolve) => {
      sendBatch();
      if (!isAlive) return resolve();
      const id = nextFlush++;
      flushes.set(id, resolve);
      send({ type: 'flush', id });
    });

  await new Promise<void>((resolve, reject) => {
    worker.on('message', (report: StoreReport) => {
      switch (report.type) {
        case 'opened':
          isOpen = true;
          return resolve();
        case 'unopened':
          return reject(new RecordsError(report.code, report.message));
        case 'written':
          return onWritten(report);
        case 'unwritten':
          return onUnwritten(report.code, report.message);
        case 'swept':
          return onSwept(report.swept);
        case 'flushed':
          flushes.get(report.id)?.();
          flushes.delete(report.id);
          return;
        case 'closed':
          return;
      }
    });
    worker.on('error', (error) => {
      onDeath(error);
      reject(new RecordsError('DATABASE_UNUSABLE', `the thread of the call records failed: ${String(error)}`));
    });
    worker.on('exit', () => onDeath(undefined));
  }).catch(async (error: unknown) => {
    if (isAlive) await new Promise((resolve) => worker.once('exit', resolve));
    throw error;
  });
  worker.unref();

  const sweepLater = (): void => {
    sweepTimer = clock.setTimer(clock.now() + sweepEveryMs, () => {
      void sweep();
      sweepLater();
    });
  };
  const hasRetention = Object.keys(retention).length > 0;
  if (hasRetention) {
    void sweep();
    sweepLater();
  }

  return {
    write(change) {
      const bound = change.type === 'timeline' ? bounds.timeline : bounds.all;
      if (sentWeight + batchWeight >= bound || !isAlive || closing !== undefined) {
        counts.dropped++;
        return;
      }
      batch.push(change);
      batchWeight += weightOf(change);
      if (batch.length >= batchChanges) sendBatch();
      else batchTimer ??= clock.setTimer(clock.now() + batchEveryMs, sendBatch);
    },
    stats: () => ({ waiting: sent + batch.length, ...counts }),
    flush,
    sweep,
    close() {
      closing ??= (async () => {
        sweepTimer?.cancel();
        worker.ref();
        await flush();
        if (sent > 0)
          logger.error({ changes: sent, folder }, 'call records were lost: they could not be written before the end');
        await new Promise<void>((resolve) => {
          if (!isAlive) return resolve();
          worker.once('exit', () => resolve());
          send({ type: 'close' });
        });
      })();
      return closing;
    },
  };
}

function weightOf(change: RecordChange): number {
  if (change.type === 'annotation') return 1 + Math.floor(change.data.length / 1_024);
  return change.type === 'timeline' ? 1 + Math.floor(change.fields.length / 1_024) : 1;
}
