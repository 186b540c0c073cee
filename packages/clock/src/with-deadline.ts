import type { Clock } from './clock.ts';

/** How long to wait, and what to reject with after that. */
export interface Deadline {
  readonly timeoutMs: number;
  readonly error: () => Error;
}

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The outcome of `promise`, or `deadline.error()` after `timeoutMs`. Either way the timer is gone and nothing of the
 * waiter stays reachable from `promise`; a late rejection of `promise` is swallowed.
 */
export function withDeadline<T>(clock: Clock, promise: Promise<T>, deadline: Deadline): Promise<T> {
  return new Promise((resolve, reject) => {
    let waiter: Waiter<T> | undefined = { resolve, reject };
    const settle = (): Waiter<T> | undefined => {
      const settled = waiter;
      waiter = undefined;
      timer.cancel();
      return settled;
    };
    const timer = clock.setTimer(clock.now() + deadline.timeoutMs, () => settle()?.reject(deadline.error()));
    promise.then(
      (value) => settle()?.resolve(value),
      (reason: unknown) => settle()?.reject(reason),
    );
  });
}
