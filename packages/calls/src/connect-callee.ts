import { limits } from '@agentao/protocol';
import type { ConnectOptions } from './active-call.ts';
import { checkMode, checkSignal, ringTimeMsOf } from './call-arguments.ts';
import type { CommandDesk } from './command-desk.ts';
import { WSSCallCommandError, WSSCallCommandTimeoutError } from './errors.ts';

/** Which call it is about. */
export interface ConnectCalleeOptions {
  readonly callId: string;
  readonly desk: CommandDesk;
  /** The command with this id is to be given up. Rejects if that is not answered, or refused. */
  readonly cancel: (connectId: number) => Promise<void>;
}

/** Rings the callee until it is reached, or the signal aborts and that is answered, or not answered in time. Nothing is sent for arguments that are none. */
export async function connectCallee(
  { callId, desk, cancel }: ConnectCalleeOptions,
  { ringTimeSeconds = 60, mode = 'barge', signal }: ConnectOptions,
): Promise<void> {
  const ringTimeMs = ringTimeMsOf(ringTimeSeconds);
  checkMode(mode);
  checkSignal(signal);
  if (signal?.aborted) {
    throw new WSSCallCommandError('CONNECT_CANCELLED', 'cancelled before it began', { callId, cause: signal.reason });
  }
  const timeoutMs = ringTimeMs + limits.commandTimeoutMs;
  const { id, result } = desk.send({ type: 'connect', ringTimeMs, mode }, { timeoutMs });
  const unanswered = Promise.withResolvers<never>();
  const onAbort = (): void => {
    cancel(id).catch((error: unknown) => {
      // Refused, there is an outcome on its way.
      if (error instanceof WSSCallCommandTimeoutError) unanswered.reject(error);
    });
  };
  signal?.addEventListener('abort', onAbort);
  try {
    await Promise.race([result, unanswered.promise]);
  } catch (error) {
    if (!signal?.aborted || !isCancelled(error)) throw error;
    throw new WSSCallCommandError(error.errorCode, error.errorMessage, { callId, cause: signal.reason });
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function isCancelled(error: unknown): error is WSSCallCommandError {
  return error instanceof WSSCallCommandError && error.errorCode === 'CONNECT_CANCELLED';
}
