import type { Clock } from '@agentao/clock';
import { createWorkerRecorder } from '../recording/worker-recorder.ts';
import { type Logger, silentLogger } from '../servers/logger.ts';
import type { RecordsStats, SwitchRecords } from './call-store.ts';
import { checkRecordsFolder } from './records-folder.ts';
import type { Retention, RetentionLimits, Swept } from './retention.ts';
import { openWorkerStore } from './worker-store.ts';

/** Where and how long records are kept. */
export interface RecordsOptions {
  /** Folder of the database and the recordings; made where it is missing. One switch at a time. */
  readonly folder: string;
  readonly clock: Clock;
  /** What people hear as notice; see {@link SwitchRecords}. */
  readonly consentClip?: Int16Array;
  /** Default: everything is kept. */
  readonly retention?: Retention;
  /** How often retention looks, default 60,000. */
  readonly sweepEveryMs?: number;
  /** Default: silent. */
  readonly logger?: Logger;
}

/** Records in a folder, for the option `records` of a switch. Close it after the switch. */
export interface FolderRecords extends SwitchRecords, AsyncDisposable {
  stats(): RecordsStats;
  /** Resolves when all that happened until now is in the database, or has been tried in vain. */
  flush(): Promise<void>;
  /** Deletes what retention does not keep, now. */
  sweep(): Promise<Swept>;
  /** Finishes recordings and records, and ends the threads. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens the records in a folder, and two threads that write them. Calls that were live when a switch was killed are marked `interrupted`. Rejects with
 * {@link RecordsError} that names the option at fault.
 */
export async function openRecords(options: RecordsOptions): Promise<FolderRecords> {
  const { folder, clock, consentClip, retention = {}, sweepEveryMs = 60_000, logger = silentLogger } = options;
  checkRetention(retention);
  if (!(sweepEveryMs >= 1_000)) throw new TypeError('records.sweepEveryMs must be 1000 or more');
  checkRecordsFolder(folder);
  const store = await openWorkerStore({ folder, clock, logger, retention, sweepEveryMs });
  const recorder = createWorkerRecorder({ folder, logger });
  await recorder.ready.catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    // The recorder first: how its recordings end is part of the records.
    closing ??= recorder.close().then(() => store.close());
    return closing;
  };
  return {
    store,
    recorder,
    ...(consentClip === undefined ? {} : { consentClip }),
    stats: () => ({ store: store.stats(), recorder: recorder.stats() }),
    flush: () => store.flush(),
    sweep: () => store.sweep(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Throws a TypeError that names the limit at fault. */
export function checkRetention({ connectors = {}, ...general }: Retention): void {
  checkLimits('records.retention', general);
  for (const [uuid, limits] of Object.entries(connectors)) checkLimits(`records.retention.connectors.${uuid}`, limits);
}

function checkLimits(name: string, limits: RetentionLimits): void {
  for (const [limit, value] of Object.entries(limits)) {
    if (limit !== 'maxAgeMs' && limit !== 'maxBytes') throw new TypeError(`${name}: there is no limit ${limit}`);
    if (!(typeof value === 'number' && value > 0)) throw new TypeError(`${name}.${limit} must be above 0`);
  }
}
