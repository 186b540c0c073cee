import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process beside the measured ones that does nothing but notice how late its timers are: the machine's own share of any lateness. */
export interface IdleBaseline extends Disposable {
  /** Forgets what was noticed so far. */
  reset(): void;
  worstLatenessMs(): Promise<number>;
}

/** Starts the process; it ends with the parent or when disposed of. */
export function startIdleBaseline(): IdleBaseline {
  const child = fork(fileURLToPath(new URL('idle-process.ts', import.meta.url)), { execPath: process.execPath });
  return {
    reset: () => void child.send('reset'),
    worstLatenessMs: async () => {
      const answer = once(child, 'message');
      child.send('ask');
      return (await answer)[0] as number;
    },
    [Symbol.dispose]: () => {
      if (child.connected) child.disconnect();
    },
  };
}
