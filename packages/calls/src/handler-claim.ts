import type { ActiveCall } from './active-call.ts';

/** What a user does with a call. */
export type CallHandler = (call: ActiveCall) => unknown;

/** Runs the one handler of a call; resolves when it has settled, and never rejects. */
export type RunHandler = (handler: CallHandler) => Promise<void>;

let claiming = false;

/** Subscribes as a handler: every `calls$` that is subscribed to by `subscribe`, through whatever operators, counts as handled. */
export function subscribeAsHandler<T>(subscribe: () => T): T {
  const before = claiming;
  claiming = true;
  try {
    return subscribe();
  } finally {
    claiming = before;
  }
}

/** Whether the subscription being made right now is that of a handler. */
export function isHandlerSubscription(): boolean {
  return claiming;
}

const runners = new WeakMap<ActiveCall, RunHandler>();

/** Says how the handler of `call` is run. */
export function setRunner(call: ActiveCall, run: RunHandler): void {
  runners.set(call, run);
}

/** How the handler of `call` is run; `undefined` for a call that came from no client. */
export function runnerOf(call: ActiveCall): RunHandler | undefined {
  return runners.get(call);
}
