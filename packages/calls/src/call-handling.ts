import type { Observable } from 'rxjs';
import type { ActiveCall } from './active-call.ts';
import type { OnHandlerError } from './config-options.ts';
import { Emitter } from './emitter.ts';
import { tellsOfTheEnd, toError, WSSError } from './errors.ts';
import { GuardedObservable } from './guarded-observable.ts';
import { type CallHandler, isHandlerSubscription, setRunner } from './handler-claim.ts';
import type { Logger } from './logger.ts';
import { withinCall } from './telemetry/traced-call.ts';

/** A call that is told for how long somebody is at work with it. */
export interface HeldCall extends ActiveCall {
  hold(work: PromiseLike<unknown>): void;
}

/** What the handling of calls is made of. */
export interface CallHandlingOptions {
  readonly logger: Logger;
  readonly onHandlerError: OnHandlerError;
  /** A handler is there, or none is any more. */
  readonly onTaken: (taken: boolean) => void;
}

/** Brings each call to exactly one handler, and deals with what that throws. */
export class CallHandling {
  readonly calls$: Observable<ActiveCall>;
  readonly #options: CallHandlingOptions;
  readonly #calls: Emitter<ActiveCall>;
  #handler: CallHandler | undefined;
  #taken = false;

  constructor(options: CallHandlingOptions) {
    this.#options = options;
    const report = (error: unknown): void => {
      options.logger.error({ err: toError(error) }, 'a subscriber of calls$ failed');
    };
    this.#calls = new Emitter('nothing', report);
    this.calls$ = new GuardedObservable<ActiveCall>(report, (subscriber) => {
      const release = isHandlerSubscription() ? this.#take() : undefined;
      const subscription = this.#calls.observable.subscribe(subscriber);
      return () => {
        subscription.unsubscribe();
        release?.();
      };
    });
  }

  /** Throws `HANDLER_EXISTS` while there is another handler. */
  on(handler: CallHandler): () => void {
    const release = this.#take();
    this.#handler = handler;
    return () => {
      if (this.#handler === handler) this.#handler = undefined;
      release();
    };
  }

  /** A call is here, its media connected. One that no handler takes is left to another client. */
  deliver(call: HeldCall): void {
    const { callId } = call;
    let claimed = false;
    const run = (handler: CallHandler): Promise<void> => {
      if (claimed) return Promise.resolve();
      claimed = true;
      const running = this.#run(call, handler);
      call.hold(running);
      return running;
    };
    setRunner(call, run);
    const handler = this.#handler;
    if (handler !== undefined) void run(handler);
    this.#calls.emit(call);
    if (claimed) return;
    this.#options.logger.warn({ callId }, 'no handler took the call: it is left to another client');
    void call.close({ handOver: true });
  }

  #take(): () => void {
    if (this.#taken) {
      throw new WSSError('calls have a handler already: either on(INCOMING_CALL) or handleCalls, once', {
        code: 'HANDLER_EXISTS',
      });
    }
    this.#taken = true;
    this.#options.onTaken(true);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#taken = false;
      this.#options.onTaken(false);
    };
  }

  async #run(call: ActiveCall, handler: CallHandler): Promise<void> {
    try {
      await withinCall(call, () => handler(call));
    } catch (error) {
      await this.#failed(call, toError(error));
    }
  }

  async #failed(call: ActiveCall, error: Error): Promise<void> {
    const { logger, onHandlerError } = this.#options;
    const fields = { callId: call.callId, err: error };
    if (call.state === 'DISCONNECTED') {
      if (tellsOfTheEnd(error)) logger.debug(fields, 'the handler was still at work when the call ended');
      else logger.error(fields, 'the handler failed after the call had ended');
      return;
    }
    logger.error(fields, 'the handler of the call failed');
    const ends =
      typeof onHandlerError === 'function'
        ? [() => onHandlerError(error, call), () => call.disconnect()]
        : [() => call[onHandlerError]()];
    for (const end of ends) {
      try {
        await end();
        return;
      } catch (next) {
        logger.error({ callId: call.callId, err: toError(next) }, 'dealing with the failed handler failed too');
      }
    }
    // The caller is on the line with nobody who cares.
    void call.forceDisconnect();
  }
}
