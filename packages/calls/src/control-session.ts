import type { Clock } from '@agentao/clock';
import {
  type CloseCodeName,
  type ControlClientMessage,
  type ControlHello,
  type ControlOffer,
  type ControlWelcome,
  closeCodes,
  decodeControlSwitch,
  encode,
  limits,
  ProtocolError,
  subprotocols,
} from '@agentao/protocol';
import { type Socket, type SocketClose, type SocketFactory, type SocketTls, startHeartbeat } from '@agentao/transport';
import { closeError, openError, type Said } from './connection-error.ts';
import { toError, type WSSError } from './errors.ts';
import type { Logger } from './logger.ts';
import { cleanerOf } from './peer-text.ts';

/** Where and as whom a session is opened. */
export interface ControlRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Asked before each session, because the files may have been replaced. */
  readonly tls: () => SocketTls | undefined;
  readonly hello: Omit<ControlHello, 'type'>;
  readonly clock: Clock;
  readonly transport: SocketFactory;
  readonly logger: Logger;
}

/** One control connection, welcomed by the switch. */
export interface ControlSession {
  readonly welcome: ControlWelcome;
  send(message: ControlClientMessage): void;
}

/** What the owner of a session is told. */
export interface ControlListener {
  welcomed(session: ControlSession): void;
  offer(offer: ControlOffer): void;
  offerCancelled(offerId: string): void;
  /** It did not open, or is over other than by the signal. Called at most once, last. */
  failed(error: WSSError): void;
}

const openTimeoutMs = 10_000;

/** Opens a session and keeps it until it fails or the signal aborts. */
export async function runControlSession(
  request: ControlRequest,
  listener: ControlListener,
  signal: AbortSignal,
): Promise<void> {
  const { url, headers } = request;
  const tls = request.tls();
  try {
    const socket = await request.transport({
      url,
      subprotocols: [subprotocols.control],
      headers,
      maxMessageBytes: limits.controlMessageBytes,
      openTimeoutMs,
      signal,
      ...(tls === undefined ? {} : { tls }),
    });
    if (signal.aborted) socket.close();
    else serve(socket, request, { listener, signal });
  } catch (error) {
    if (!signal.aborted) listener.failed(openError(error, cleanerOf(headers['authorization'])));
  }
}

interface Serving {
  readonly listener: ControlListener;
  readonly signal: AbortSignal;
}

function serve(socket: Socket, request: ControlRequest, { listener, signal }: Serving): void {
  const { clock, logger, hello } = request;
  const clean = cleanerOf(request.headers['authorization']);
  let welcomed = false;
  let heartbeat: Disposable | undefined;
  let said: Said | undefined;
  let over = false;
  let pings = 0;

  const send = (message: ControlClientMessage): void => socket.send(encode(message));
  const finish = (close: SocketClose): void => {
    if (over) return;
    over = true;
    timer.cancel();
    heartbeat?.[Symbol.dispose]();
    signal.removeEventListener('abort', onAbort);
    if (!signal.aborted) listener.failed(closeError(close, said));
  };
  const closeWith = (name: CloseCodeName): void => {
    const { code, reason } = closeCodes[name];
    socket.close(code, reason);
    finish({ code, reason });
  };
  const onAbort = (): void => closeWith('NORMAL');
  const timer = clock.setTimer(clock.now() + limits.helloTimeoutMs, () => closeWith('HANDSHAKE_TIMEOUT'));

  const welcome = (message: ControlWelcome): void => {
    if (welcomed) throw new ProtocolError('OUT_OF_ORDER', 'a second welcome');
    welcomed = true;
    timer.cancel();
    heartbeat = startHeartbeat(socket, {
      clock,
      intervalMs: message.heartbeatMs,
      ping: () => send({ type: 'ping', id: ++pings }),
      onDead: () => closeWith('LIVENESS_LOST'),
    });
    listener.welcomed({ welcome: message, send });
  };

  const text = (raw: string): void => {
    const message = decodeControlSwitch(raw);
    logger.debug({ type: message.type }, 'control message');
    if (message.type === 'ping') send({ type: 'pong', id: message.id });
    else if (message.type === 'error') said = { code: clean(message.code), message: clean(message.message) };
    else if (message.type === 'welcome') welcome(message);
    else if (message.type === 'pong' || message.type === 'unknown') return;
    else if (!welcomed) throw new ProtocolError('OUT_OF_ORDER', `${message.type} before welcome`);
    else if (message.type === 'offer') listener.offer(message);
    else listener.offerCancelled(message.offerId);
  };

  const refuse = (error: unknown): void => {
    logger.error({ err: toError(error) }, 'control connection closed for a message it cannot take');
    closeWith(error instanceof ProtocolError ? error.closeCode : 'INTERNAL');
  };

  socket.start({
    text: (raw) => {
      if (over) return;
      try {
        text(raw);
      } catch (error) {
        refuse(error);
      }
    },
    binary: () => {
      if (!over) refuse(new ProtocolError('BAD_MESSAGE', 'a binary message on a control connection'));
    },
    closed: finish,
  });
  signal.addEventListener('abort', onAbort);
  send({ type: 'hello', ...hello });
}
