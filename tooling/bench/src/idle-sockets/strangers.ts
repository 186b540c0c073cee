import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** What strangers do with the connections they open: say nothing, send half a request, or open a socket with a key and answer its pings. */
export type Idling = 'silent' | 'half a request' | 'a socket';

/** What is told to the process of the strangers. */
export type StrangersOrder =
  | {
      readonly order: 'open';
      readonly idling: Idling;
      readonly count: number;
      readonly port: number;
      readonly keys: readonly string[];
    }
  | { readonly order: 'ask' | 'leave' };

/** Where their connections stand. */
export interface StrangersReport {
  /** Tried so far. */
  readonly tried: number;
  readonly open: number;
  readonly mostOpen: number;
  /** Answered with 429 or 503. */
  readonly refused: number;
  /** Not even connected. */
  readonly failed: number;
}

/** A process that holds connections, so that its files and its time are its own. */
export interface Strangers extends Disposable {
  open(
    idling: Idling,
    options: { readonly count: number; readonly port: number; readonly keys?: readonly string[] },
  ): void;
  report(): Promise<StrangersReport>;
  /** Closes all and forgets what was counted. */
  leave(): Promise<void>;
}

/** Starts the process; it ends with the parent or when disposed of. */
export function startStrangers(): Strangers {
  const path = fileURLToPath(new URL('strangers-process.ts', import.meta.url));
  const child: ChildProcess = fork(path, { execPath: process.execPath });
  const ask = async (order: 'ask' | 'leave'): Promise<StrangersReport> => {
    const answer = once(child, 'message', { signal: AbortSignal.timeout(30_000) });
    child.send({ order } satisfies StrangersOrder);
    return (await answer)[0] as StrangersReport;
  };
  return {
    open: (idling, { count, port, keys = [] }) => {
      child.send({ order: 'open', idling, count, port, keys } satisfies StrangersOrder);
    },
    report: () => ask('ask'),
    leave: async () => void (await ask('leave')),
    [Symbol.dispose]: () => {
      if (child.connected) child.disconnect();
    },
  };
}
