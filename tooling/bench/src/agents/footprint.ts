import { setTimeout as wait } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';

/** What a process holds. */
export interface Footprint {
  readonly heapBytes: number;
  /** Timers, sockets, pipes and the like that are open. */
  readonly handles: number;
  readonly sockets: number;
}

const settleMs = 6_000;

/** Collects, waits for what ends a little later, collects again, and counts. Needs `--expose-gc`. */
export async function footprint(): Promise<Footprint> {
  const collect = runInNewContext('gc') as () => void;
  // Notes of a call are taken for five seconds after its end.
  await wait(settleMs);
  for (let i = 0; i < 4; i++) {
    collect();
    await wait(50);
  }
  collect();
  const resources = process.getActiveResourcesInfo();
  return {
    heapBytes: process.memoryUsage().heapUsed,
    handles: resources.length,
    sockets: resources.filter((name) => name.startsWith('TCPSocket')).length,
  };
}
