import { withDeadline } from '@agentao/clock';
import { type LiveConnection, type LiveModel, LiveModelError, type LiveSession } from '../live-model.ts';

const openWithinMs = 15_000;

/** Closes a connection. One that cannot even be closed is gone all the same. */
export async function closeQuietly(connection: LiveConnection | undefined): Promise<void> {
  try {
    await connection?.close();
  } catch {
    // It keeps nothing else from ending.
  }
}

/** Opens a model within 15 s, or until its signal aborts. What is opened too late is closed. Rejects with `LiveModelError` only. */
export async function openModel(model: LiveModel, session: LiveSession): Promise<LiveConnection> {
  const { clock, signal } = session;
  const called = Promise.withResolvers<never>();
  const onAbort = (): void => called.reject(new LiveModelError('ABORTED', 'The call has ended.'));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  let isLate = false;
  try {
    const opening = model.open(session);
    opening.then(
      (connection) => isLate && void closeQuietly(connection),
      () => {},
    );
    return await withDeadline(clock, Promise.race([opening, called.promise]), {
      timeoutMs: openWithinMs,
      error: () => new LiveModelError('UNREACHABLE', `${model.name} is not ready after ${openWithinMs / 1000} s.`),
    });
  } catch (error) {
    isLate = true;
    if (error instanceof LiveModelError) throw error;
    throw new LiveModelError('UNREACHABLE', `${model.name} cannot be opened.`, { cause: error });
  } finally {
    called.promise.catch(() => {});
    signal.removeEventListener('abort', onAbort);
  }
}
