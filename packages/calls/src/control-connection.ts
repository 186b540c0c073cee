import { type ControlClientMessage, type ControlOffer, limits } from '@agentao/protocol';
import { createBackoff, type SocketTls } from '@agentao/transport';
import type { Observable } from 'rxjs';
import { isRefusal } from './connection-error.ts';
import { type ControlListener, type ControlRequest, runControlSession } from './control-session.ts';
import { Emitter } from './emitter.ts';
import { toError, WSSAuthenticationError, WSSConnectionError, type WSSError } from './errors.ts';

/**
 * Where the control connection stands. `attempt` counts the attempts since it was last connected, from 1: the one under way, or the one that
 * begins in `retryInMs`. `closed` carries the error unless this side closed it. None of it says anything about running calls.
 */
export type ConnectionState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: number }
  | { readonly name: 'connected'; readonly sessionId: string; readonly connectorUuid: string }
  | {
      readonly name: 'backing-off';
      readonly attempt: number;
      readonly retryInMs: number;
      readonly error: WSSError;
    }
  | { readonly name: 'closed'; readonly error?: WSSError };

/** What a control connection is made of. */
export interface ControlConnectionOptions extends ControlRequest {
  /** Uniform in [0, 1), for the jitter of the back-off. */
  readonly random: () => number;
  readonly onOffer: (offer: ControlOffer) => void;
  readonly onOfferCancelled: (offerId: string) => void;
}

/** The connection that carries offers, readiness and liveness, opened again whenever it is lost. */
export interface ControlConnection {
  readonly state: ConnectionState;
  /** Begins with the current state. */
  readonly state$: Observable<ConnectionState>;
  /** Resolves when connected. Rejects with the typed error when the first attempt fails, or the connection closes for good. */
  open(): Promise<void>;
  /** Closes until opened again. Idempotent. */
  close(): void;
  /** Declares readiness, now and after every reconnect. */
  setReady(ready: boolean): void;
  decline(offerId: string): void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: WSSError) => void;
}

const { reconnectBaseMs: baseMs, reconnectCapMs: capMs, reconnectSettledMs: settledMs } = limits;

/** Makes an idle control connection. */
export function createControlConnection(options: ControlConnectionOptions): ControlConnection {
  const { clock, logger, random, onOffer, onOfferCancelled } = options;
  const states = new Emitter<ConnectionState>('current', (error) => {
    logger.error({ err: toError(error) }, 'a subscriber of connection$ failed');
  });
  const backoff = createBackoff({ baseMs, capMs, settledMs, random });
  const waiters = new Set<Waiter>();
  let state: ConnectionState = { name: 'idle' };
  let ready = false;
  /** The certificate of the last attempt. */
  let shown: SocketTls | undefined;
  const request: ControlRequest = { ...options, tls: () => (shown = options.tls()) };
  /** Ends what the present state holds: an attempt, a session, a timer. */
  let leave: () => void = () => undefined;
  let send: (message: ControlClientMessage) => void = () => undefined;
  states.emit(state);

  const enter = (next: ConnectionState, onLeave: () => void): void => {
    state = next;
    leave = onLeave;
    if (next.name !== 'connected') send = () => undefined;
    states.emit(next);
  };

  const closed = (error?: WSSError): void => {
    enter(error === undefined ? { name: 'closed' } : { name: 'closed', error }, () => undefined);
    const told = error ?? new WSSConnectionError('the client was disconnected', { code: 'CLOSED' });
    for (const waiter of waiters) waiter.reject(told);
    waiters.clear();
  };

  const backOff = (error: WSSError, attempt: number): void => {
    const retryInMs = backoff.next();
    const timer = clock.setTimer(clock.now() + retryInMs, () => connect(true, attempt));
    const fields = { err: error, attempt, retryInMs: Math.round(retryInMs) };
    logger.warn(fields, 'connection to the switch lost, trying again');
    enter({ name: 'backing-off', attempt, retryInMs, error }, () => timer.cancel());
  };

  const connect = (again: boolean, attempt: number): void => {
    const abort = new AbortController();
    const onLeave = (): void => abort.abort();
    let sinceMs: number | undefined;
    enter({ name: 'connecting', attempt }, onLeave);
    const failed = (error: WSSError): void => {
      if (sinceMs !== undefined) backoff.sessionLived(clock.now() - sinceMs);
      // A switch that cannot be reached may come back; one that said no has to be asked differently.
      const final = sinceMs === undefined ? !again || isRefusal(error) : !error.retryable;
      // Who replaces the files and revokes the old certificate has changed what was refused.
      const replaced = error instanceof WSSAuthenticationError && options.tls() !== shown;
      if (!final || replaced) {
        backOff(error, sinceMs === undefined ? attempt + 1 : 1);
        return;
      }
      logger.error({ err: error }, 'connection to the switch failed');
      closed(error);
    };
    const listener: ControlListener = {
      welcomed: ({ welcome, send: transmit }) => {
        sinceMs = clock.now();
        const { sessionId, connectorUuid } = welcome;
        logger.info({ sessionId, connectorUuid }, 'connected to the switch');
        send = transmit;
        if (ready) send({ type: 'ready', ready });
        enter({ name: 'connected', sessionId, connectorUuid }, onLeave);
        for (const waiter of waiters) waiter.resolve();
        waiters.clear();
      },
      offer: onOffer,
      offerCancelled: onOfferCancelled,
      failed,
    };
    void runControlSession(request, listener, abort.signal);
  };

  return {
    get state() {
      return state;
    },
    state$: states.observable,
    open() {
      if (state.name === 'connected') return Promise.resolve();
      const connected = new Promise<void>((resolve, reject) => waiters.add({ resolve, reject }));
      if (state.name === 'idle' || state.name === 'closed') connect(false, 1);
      return connected;
    },
    close() {
      if (state.name === 'closed') return;
      leave();
      closed();
    },
    setReady(next) {
      if (next === ready) return;
      ready = next;
      send({ type: 'ready', ready });
    },
    decline: (offerId) => send({ type: 'decline', offerId }),
  };
}
