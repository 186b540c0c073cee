import type { Clock, Timer } from '@agentao/clock';
import {
  type CallEventMessage,
  type CloseCodeName,
  closeCodes,
  decodeFrame,
  decodeMediaSwitch,
  encode,
  type FrameHeader,
  limits,
  type MediaAttached,
  type MediaClientMessage,
  type MediaRateHz,
  type MediaResponse,
  ProtocolError,
  subprotocols,
} from '@agentao/protocol';
import { type Socket, type SocketFactory, type SocketTls, startHeartbeat } from '@agentao/transport';
import { toError, WSSMediaError } from './errors.ts';
import type { Logger } from './logger.ts';

/** A call's media connection, attached. */
export interface MediaConnection {
  send(message: MediaClientMessage): void;
  /** Takes over `frame`. */
  sendFrame(frame: Uint8Array): void;
  /** Says goodbye; what was sent before still goes out. Idempotent. */
  close(name: CloseCodeName): void;
}

/** What the owner of a media connection is told. */
export interface MediaListener {
  response(response: MediaResponse): void;
  credit(generation: number, upTo: number): void;
  playout(played: number): void;
  event(event: CallEventMessage): void;
  /** `samples` may be a view that is valid until this returns. */
  frame(header: FrameHeader, samples: Int16Array): void;
  /** The connection is gone, or was never told goodbye and is given up. Called once, last. */
  closed(code: number): void;
}

/** Where and how to attach. */
export interface MediaRequest {
  readonly callId: string;
  readonly url: string;
  readonly token: string;
  readonly tls: SocketTls | undefined;
  readonly sampleRateHz: MediaRateHz;
  /** Deadline from now to the switch's `attached`. */
  readonly timeoutMs: number;
  /** The offer no longer stands. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly transport: SocketFactory;
  readonly logger: Logger;
}

/** Opens and attaches. `accept` runs on the very message that gives the call away, so that nothing behind it is missed. Rejects with `WSSMediaError`. */
export async function openMedia(
  request: MediaRequest,
  accept: (connection: MediaConnection, attached: MediaAttached) => MediaListener,
): Promise<void> {
  const { clock, url, token, tls, timeoutMs, signal } = request;
  const deadlineMs = clock.now() + timeoutMs;
  let socket: Socket;
  try {
    socket = await request.transport({
      url,
      subprotocols: [subprotocols.media],
      headers: { authorization: `Bearer ${token}` },
      maxMessageBytes: limits.mediaMessageBytes,
      openTimeoutMs: timeoutMs,
      signal,
      ...(tls === undefined ? {} : { tls }),
    });
  } catch (cause) {
    throw mediaError('the media connection did not open', 'MEDIA_UNREACHABLE', cause);
  }
  await new Promise<void>((resolve, reject) => {
    attach(socket, { ...request, timeoutMs: deadlineMs - clock.now() }, { accept, resolve, reject });
  });
}

interface Attaching {
  readonly accept: (connection: MediaConnection, attached: MediaAttached) => MediaListener;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Begins with `attach` and serves the socket until it is gone. */
function attach(socket: Socket, request: MediaRequest, { accept, resolve, reject }: Attaching): void {
  const { callId, clock, logger, signal } = request;
  let listener: MediaListener | undefined;
  let heartbeat: Disposable | undefined;
  let over = false;
  let pings = 0;

  const send = (message: MediaClientMessage): void => socket.send(encode(message));

  const finish = (code: number): void => {
    if (over) return;
    over = true;
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
    heartbeat?.[Symbol.dispose]();
    if (listener === undefined) reject(mediaError(`the call was not given: ${code}`, 'MEDIA_REFUSED'));
    else listener.closed(code);
  };
  const closeWith = (name: CloseCodeName): void => {
    socket.close(closeCodes[name].code, closeCodes[name].reason);
    finish(closeCodes[name].code);
  };
  const onAbort = (): void => closeWith('NORMAL');
  const timer: Timer = clock.setTimer(clock.now() + request.timeoutMs, () => closeWith('HANDSHAKE_TIMEOUT'));

  const attached = (message: MediaAttached): void => {
    if (listener !== undefined) throw new ProtocolError('OUT_OF_ORDER', 'a second attached');
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
    listener = accept({ send, sendFrame: (frame) => socket.send(frame), close: closeWith }, message);
    heartbeat = startHeartbeat(socket, {
      clock,
      intervalMs: limits.mediaPingMs,
      deadAfterMs: limits.mediaDeadMs,
      ping: () => send({ type: 'ping', id: ++pings }),
      onDead: () => closeWith('LIVENESS_LOST'),
    });
    resolve();
  };

  const text = (raw: string): void => {
    const message = decodeMediaSwitch(raw);
    logger.debug({ callId, type: message.type }, 'media message');
    if (message.type === 'ping') send({ type: 'pong', id: message.id });
    else if (message.type === 'attached') attached(message);
    else if (message.type === 'pong' || message.type === 'unknown') return;
    else if (listener === undefined) throw new ProtocolError('OUT_OF_ORDER', `${message.type} before attached`);
    else if (message.type === 'response') listener.response(message);
    else if (message.type === 'credit') listener.credit(message.generation, message.upTo);
    else if (message.type === 'playout') listener.playout(message.played);
    else if (message.type === 'event') listener.event(message.event);
    else throw new ProtocolError('OUT_OF_ORDER', 'resumed without a resume');
  };

  const binary = (bytes: Uint8Array): void => {
    if (listener === undefined) throw new ProtocolError('OUT_OF_ORDER', 'audio before attached');
    const { header, samples } = decodeFrame(bytes);
    listener.frame(header, samples);
  };

  /** A peer that breaks the protocol is told so; a fault of this side ends this connection and nothing else. */
  const guarded = <Message>(handle: (message: Message) => void): ((message: Message) => void) => {
    return (message) => {
      if (over) return;
      try {
        handle(message);
      } catch (error) {
        logger.error({ callId, err: toError(error) }, 'media connection closed for a message it cannot take');
        closeWith(error instanceof ProtocolError ? error.closeCode : 'INTERNAL');
      }
    };
  };

  socket.start({ text: guarded(text), binary: guarded(binary), closed: ({ code }) => finish(code) });
  if (signal.aborted) {
    onAbort();
    return;
  }
  signal.addEventListener('abort', onAbort);
  send({ type: 'attach', sampleRateHz: request.sampleRateHz });
}

function mediaError(message: string, code: string, cause?: unknown): WSSMediaError {
  return new WSSMediaError(message, { code, ...(cause === undefined ? {} : { cause }) });
}
