import { parentPort, workerData } from 'node:worker_threads';
import type { StoreCommand, StoreThreadData } from './records/store-messages.ts';
import { openStoreThread } from './records/store-thread.ts';

// The thread that keeps the database. It is started by `records/worker-store.ts` and is no entry point of the package.

const retryEveryMs = 1_000;

const port = parentPort;
if (port === null) throw new Error('store-worker is a worker thread: import @agentao/switch/records instead');

const thread = openStoreThread(workerData as StoreThreadData, (report) => port.postMessage(report));
// Whoever started it waits for its end: a thread that is cut off inside SQLite can take the process with it.
if (thread !== undefined) {
  const again = setInterval(thread.retry, retryEveryMs);
  port.on('message', (command: StoreCommand) => {
    thread.handle(command);
    if (command.type !== 'close') return;
    clearInterval(again);
    port.close();
  });
}
