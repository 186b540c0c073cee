import type { CancelSignal } from './cancel-signal.ts';
import type { Clock } from './clock.ts';

/** Resolves after `ms`; rejects with the signal's reason when aborted, leaving no timer and no listener behind. */
export function sleep(clock: Clock, ms: number, options: { readonly signal?: CancelSignal } = {}): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
      reject(signal?.reason);
    };
    const timer = clock.setTimer(clock.now() + ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort);
  });
}
