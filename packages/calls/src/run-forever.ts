import type { ActiveCall } from './active-call.ts';
import { checkOptionsObject, checkSignal, checkTimeout } from './call-arguments.ts';
import type { ConnectionState } from './control-connection.ts';

/** When a running client stops. */
export interface RunForeverOptions {
  /** Drain on SIGINT and SIGTERM, end at once on the second. Default true; `false` installs nothing. */
  readonly signals?: boolean;
  /** Drains when aborted. */
  readonly signal?: AbortSignal;
  /** How long running calls may go on then. Default 30,000. */
  readonly drainTimeoutMs?: number;
}

/** The part of a client that is run. */
export interface Runnable {
  readonly calls: Iterable<ActiveCall>;
  readonly connection: ConnectionState;
  connect(): Promise<void>;
  drain(options: { readonly timeoutMs?: number }): Promise<void>;
  disconnect(): Promise<void>;
  /** Resolves with the state once it is `closed`. */
  closed(): Promise<ConnectionState & { readonly name: 'closed' }>;
}

/** Connects. Told to stop meanwhile, the client is closed, and that is no failure. */
async function connect(client: Runnable): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    const { connection } = client;
    if (connection.name !== 'closed' || connection.error !== undefined) throw error;
  }
}

const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/** Runs a client until it is closed, connecting it first if nobody has. Rejects with the error that closed it. */
export async function runForever(client: Runnable, options: RunForeverOptions): Promise<void> {
  checkOptionsObject(options);
  const { signals = true, signal, drainTimeoutMs } = options;
  checkSignal(signal);
  checkTimeout('drainTimeoutMs', drainTimeoutMs);
  let draining: Promise<void> | undefined;
  const { promise: hurried, resolve: hurry } = Promise.withResolvers<void>();
  const stop = (): void => {
    if (draining === undefined) {
      draining = client.drain(drainTimeoutMs === undefined ? {} : { timeoutMs: drainTimeoutMs });
      return;
    }
    for (const call of client.calls) void call.close();
    void client.disconnect();
    hurry();
  };
  // Timers of a clock do not keep a process alive, and between two attempts to connect there is no socket either.
  const keepAlive = setInterval(() => undefined, 2 ** 31 - 1);
  if (signals) for (const name of stopSignals) process.on(name, stop);
  signal?.addEventListener('abort', stop);
  try {
    if (signal?.aborted) stop();
    else if (client.connection.name === 'idle') await connect(client);
    const { error } = await client.closed();
    // Conversations go on without a control connection; this process is what they need.
    if (draining !== undefined) await Promise.race([draining, hurried]);
    if (draining !== undefined || error === undefined) return;
    await Promise.race([Promise.all([...client.calls].map((call) => call.ended)), hurried]);
    throw error;
  } finally {
    clearInterval(keepAlive);
    if (signals) for (const name of stopSignals) process.off(name, stop);
    signal?.removeEventListener('abort', stop);
  }
}
