import { Observable, type OperatorFunction } from 'rxjs';
import type { ActiveCall } from '../active-call.ts';
import { checkHandler } from '../call-arguments.ts';
import { type CallHandler, runnerOf, subscribeAsHandler } from '../handler-claim.ts';

/**
 * Makes a subscription to `calls$` the handler of its calls: `fn` runs for each, all at once, and what it throws is dealt with by
 * `onHandlerError` and never reaches the stream. Emits each call when its handler has settled. Unsubscribing takes no further
 * calls; handlers at work go on. A call that an operator before this one filters out is declined.
 */
export function handleCalls(fn: CallHandler): OperatorFunction<ActiveCall, ActiveCall> {
  checkHandler(fn);
  return (source) =>
    new Observable((subscriber) => {
      let running = 0;
      let completed = false;
      const run = async (call: ActiveCall): Promise<void> => {
        running++;
        const runHandler = runnerOf(call) ?? runAlone(call);
        await runHandler(fn);
        running--;
        subscriber.next(call);
        if (completed && running === 0) subscriber.complete();
      };
      return subscribeAsHandler(() =>
        source.subscribe({
          next: (call) => void run(call),
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            completed = true;
            if (running === 0) subscriber.complete();
          },
        }),
      );
    });
}

/** A call that came from no client: a handler that fails ends it. */
function runAlone(call: ActiveCall): (handler: CallHandler) => Promise<void> {
  return async (handler) => {
    try {
      await handler(call);
    } catch {
      void call.disconnect();
    }
  };
}
