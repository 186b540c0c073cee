import { Worker } from 'node:worker_threads';

/** Which case runs, as a thread that a hanging case cannot stop sees it. */
export interface HangWatch extends AsyncDisposable {
  /** Case `index` of the target at `targetIndex` begins; -1 is one of the corpus. */
  begin(targetIndex: number, index: number): void;
  /** None runs. */
  rest(): void;
}

/** So long a case may take: no load of the machine makes the longest last half of that. */
const hangMs = 120_000;

/** Ends the process, with the case kept in the corpus, where one does not come to its end. */
export function watchForHangs(seed: number): HangWatch {
  const shared = new Int32Array(new SharedArrayBuffer(12));
  shared[1] = -1;
  const worker = new Worker(new URL('./hang-watch-process.ts', import.meta.url), {
    workerData: { shared, seed, hangMs },
  });
  worker.unref();
  return {
    begin: (targetIndex, index) => {
      shared[1] = targetIndex;
      shared[2] = index;
      Atomics.add(shared, 0, 1);
    },
    rest: () => void Atomics.store(shared, 1, -1),
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}
