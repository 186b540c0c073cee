import type { Clock, Timer } from '@agentao/clock';
import {
  closeCodes,
  type ControlClientMessage,
  type ControlHello,
  type ControlOffer,
  decodeControlSwitch,
  encode,
  limits,
  ProtocolError,
  subprotocols,
} from '@agentao/protocol';
import {
  createBackoff,
  type Socket,
  type SocketClose,
  type SocketFactory,
  type SocketTls,
  startHeartbeat,
} from '@agentao/transport';
import type { Observable } from 'rxjs';
import { closeError, openError } from './connection-error.ts';
import { Emitter } from './emitter.ts';
import { toError, WSSAuthenticationError, WSSConnectionError, type WSSError } from './errors.ts';
import type { Logger } from './logger.ts';

/**
 * Where the control connection stands. `closed` carries the error if it was not closed by this side; `backing-off` and
 * `closed` say nothing about running calls.
 */
export type ConnectionState =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting' }
  | { readonly name: 'connected'; readonly sessionId: string; readonly connectorUuid: string }
  | { readonly name: 'backing-off'; readonly retryInMs: number; readonly error: WSSError }
  | { readonly name: 'closed'; readonly error?: WSSError };

/** What a control connection is made of. */
export interface ControlConnectionOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: SocketTls | undefined;
  readonly hello: Omit<ControlHello, 'type'>;
  readonly clock: Clock;
  readonly transport: SocketFactory;
  /** Uniform in [0, 1), for the jitter of the back-off. */
  readonly random: () => number;
  readonly logger: Logger;
  readonly onOffer: (offer: ControlOffer) => void;
  readonly onOfferCancelled: (offerId: string) => void;
}

/** The connection that carries offers, readiness and liveness, opened again whenever it is lost. */
export interface ControlConnection {
  readonly state: ConnectionState;
  /** Begins with the current state. */
  readonly state$: Observable<ConnectionState>;
  /** Resolves when connected; rejects with the typed error if the first attempt fails. */
  open(): Promise<void>;
  /** Closes for good, until opened again. Idempotent. */
  close(): void;
  /** Declares readiness, now and after every reconnect. */
  setReady(ready: boolean): void;
  decline(offerId: string): void;
}

const openTimeoutMs = 10_000;
const backoffOptions = { baseMs: 500, capMs: 30_000, settledMs: 10_000 };

/** Makes an idle control connection. */
export function createControlConnection(options: ControlConnectionOptions): ControlConnection {
  const { clock, logger, random } = options;
  const states = new Emitter<ConnectionState>('current', (err) =>
    logger.error({ err: toError(err) }, 'a subscriber of connection$ failed'),
  );
  const backoff = createBackoff({ ...backoffOptions, random });
  let state: ConnectionState = { name: 'idle' };
  let ready = false;
  let opening: Promise<void> | undefined;
  /** Ends what the present state holds: an attempt, a session or a timer. */
  let leave: () => void = () => undefined;
  let send: (message: ControlClientMessage) => void = () => undefined;
  states.emit(state);

  const enter = (next: ConnectionState, onLeave: () => void = () => undefined): void => {
    state = next;
    leave = onLeave;
    if (next.name !== 'connected') send = () => undefined;
    states.emit(next);
  };

  /** One attempt and the session it leads to. `lost` is called when the session ends other than by this side. */
  const attempt = async (lost: (error: WSSError) => void): Promise<void> => {
    const abort = new AbortController();
    enter({ name: 'connecting' }, () => abort.abort());
    const session = await openSession(options, abort.signal, (error) => {
      backoff.sessionLived(clock.now() - session.sinceMs);
      lost(error);
    });
    send = session.send;
    enter(
      { name: 'connected', sessionId: session.sessionId, connectorUuid: session.connectorUuid },
      session.close,
    );
    send = session.send;
    logger.info({ sessionId: session.sessionId, connectorUuid: session.connectorUuid }, 'connected to the switch');
    if (ready) send({ type: 'ready', ready });
  };
  return undefined as never;
}
