import type { RecordChange } from './call-store.ts';
import { openHeldDatabase, type HeldDatabase } from './held-database.ts';
import { RecordsError } from './records-error.ts';
import { sweepRecords } from './retention.ts';
import { storeErrorCode, storeFix } from './store-fixes.ts';
import type { StoreCommand, StoreReport, StoreThreadData } from './store-messages.ts';

/** The work of the database's thread, without the thread. */
export interface StoreThread {
  handle(command: StoreCommand): void;
  /** Tries again what could not be written. */
  retry(): void;
}

/** Takes the folder and opens the database; the first report tells how that went, and there is a thread only if it went well. Does not throw, now or later. */
export function openStoreThread(
  { folder, retention }: StoreThreadData,
  report: (report: StoreReport) => void,
): StoreThread | undefined {
  let waiting: RecordChange[] = [];
  let weight = 0;
  let held: HeldDatabase;
  try {
    held = openHeldDatabase(folder);
    report({ type: 'opened' });
  } catch (error) {
    report(unopened(error, folder));
    return undefined;
  }

  const retry = (): void => {
    if (waiting.length === 0) return;
    try {
      const rejected = held.current().write(waiting);
      const [first] = rejected;
      const firstRejection = first && `${first.change.type} of ${first.change.callId}: ${first.message}`;
      report({
        type: 'written',
        changes: waiting.length,
        weight,
        rejected: rejected.length,
        ...(firstRejection === undefined ? {} : { firstRejection }),
      });
      waiting = [];
      weight = 0;
    } catch (error) {
      report({ type: 'unwritten', code: storeErrorCode(error), message: (error as Error).message });
    }
  };

  const sweep = (nowMs: number): void => {
    try {
      report({ type: 'swept', swept: sweepRecords(held.current().database, { folder, retention, nowMs }) });
    } catch (error) {
      report({ type: 'swept', swept: { calls: 0, bytes: 0, more: false, problem: (error as Error).message } });
    }
  };

  return {
    retry,
    handle(command) {
      switch (command.type) {
        case 'batch':
          waiting.push(...command.changes);
          weight += command.weight;
          return retry();
        case 'sweep':
          return sweep(command.nowMs);
        case 'flush':
          retry();
          return report({ type: 'flushed', id: command.id, changesLeft: waiting.length });
        case 'close':
          retry();
          held.close();
          return report({ type: 'closed' });
      }
    },
  };
}

function unopened(error: unknown, folder: string): StoreReport {
  if (error instanceof RecordsError) return { type: 'unopened', code: error.code, message: error.message };
  const problem = `the database in ${folder} cannot be opened: ${(error as Error).message}`;
  const message = `records.folder: ${problem}; ${storeFix(storeErrorCode(error))}`;
  return { type: 'unopened', code: 'DATABASE_UNUSABLE', message };
}
