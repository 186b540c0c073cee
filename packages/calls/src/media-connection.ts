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
  type MediaAttach,
  type MediaAttached,
  type MediaClientMessage,
  type MediaResponse,
  type MediaResume,
  type MediaResumed,
  ProtocolError,
  refusalStatuses,
  subprotocols,
} from '@agentao/protocol';
import { type Socket, type SocketFactory, SocketOpenError, type SocketTls, startHeartbeat } from '@agentao/transport';
import { toError, WSSMediaError } from './errors.ts';
import type { Logger } from './logger.ts';
import { cleanerOf, cleanOpenError, type CleanPeerText } from './peer-text.ts';
import { SendPace } from './send-pace.ts';

/** A call's media connection, attached or resumed. */
export interface MediaConnection {
  /** Sends no faster than a switch takes it; `isBehind` while something waits for that. */
  send(message: MediaClientMessage): void;
  readonly isBehind: boolean;
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
  /** The event numbered `seq`; `undefined` for one of a type that is not known here. */
  event(seq: number, event: CallEventMessage | undefined): void;
  /** `samples` may be a view that is valid until this returns. */
  frame(header: FrameHeader, samples: Int16Array): void;
  /** The connection is no longer behind. */
  room(): void;
  /** The connection is gone, or was never told goodbye and is given up. Called once, last. */
  closed(code: number): void;
}

/** Where media connections of a call are opened, and with what. */
export interface MediaPlace {
  readonly callId: string;
  readonly url: string;
  /** Asked at each opening, because the files may have been replaced. */
  readonly tls: () => SocketTls | undefined;
  readonly clock: Clock;
  readonly transport: SocketFactory;
  readonly logger: Logger;
}

/** One opening. */
export interface MediaRequest extends MediaPlace {
  readonly token: string;
  /** Asked once the socket is open: how to begin. The answer is `attached` or `resumed`. */
  readonly begin: () => MediaAttach | MediaResume;
  /** Deadline from now to the switch's answer. */
  readonly timeoutMs: number;
  /** The connection is no longer wanted; counts until the answer. */
  readonly signal: AbortSignal;
}

/** Takes a connection over, on the very message that gives the call away, so that nothing behind it is missed. */
export type AcceptMedia = (connection: MediaConnection, answer: MediaAttached | MediaResumed) => MediaListener;

/** Opens and attaches, or resumes. Rejects with `WSSMediaError`, `retryable` unless the switch has said no for good. */
export async function openMedia(request: MediaRequest, accept: AcceptMedia): Promise<void> {
  const { clock, url, token, timeoutMs, signal } = request;
  const tls = request.tls();
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
    throw openError(cause, cleanerOf(token));
  }
  await new Promise<void>((resolve, reject) => {
    serve(socket, { ...request, timeoutMs: deadlineMs - clock.now() }, { accept, resolve, reject });
  });
}

/** Positions travel as u32; what could not be told in a `resume` is not taken. */
const lastPosition = 0xffff_ffff;

const takenOverStatus = refusalStatuses.TAKEN_OVER;

interface Attaching {
  readonly accept: AcceptMedia;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Says the first message and serves the socket until it is gone. */
function serve(socket: Socket, request: MediaRequest, { accept, resolve, reject }: Attaching): void {
  const { callId, clock, logger, signal } = request;
  const clean = cleanerOf(request.token);
  const first = request.begin();
  let listener: MediaListener | undefined;
  let heartbeat: Disposable | undefined;
  let over = false;
  let pings = 0;
  const pace = new SendPace(clock, () => listener?.room());

  const send = (message: MediaClientMessage): void => socket.send(encode(message));

  const finish = (code: number): void => {
    if (over) return;
    over = true;
    timer.cancel();
    pace.end();
    signal.removeEventListener('abort', onAbort);
    heartbeat?.[Symbol.dispose]();
    if (listener === undefined) reject(closedError(code));
    else listener.closed(code);
  };
  const closeWith = (name: CloseCodeName): void => {
    pace.end();
    socket.close(closeCodes[name].code, closeCodes[name].reason);
    finish(closeCodes[name].code);
  };
  const onAbort = (): void => closeWith('NORMAL');
  const timer: Timer = clock.setTimer(clock.now() + request.timeoutMs, () => closeWith('HANDSHAKE_TIMEOUT'));

  const answered = (message: MediaAttached | MediaResumed): void => {
    const due = first.type === 'attach' ? 'attached' : 'resumed';
    if (listener !== undefined || message.type !== due) {
      throw new ProtocolError('OUT_OF_ORDER', `${message.type} is not due`);
    }
    if (message.type === 'attached' && message.state === 'DISCONNECTED') {
      throw new ProtocolError('BAD_MESSAGE', 'attached to a call that has ended');
    }
    timer.cancel();
    signal.removeEventListener('abort', onAbort);
    const connection: MediaConnection = {
      send: (said) => pace.send(() => send(said)),
      sendFrame: (frame) => pace.send(() => socket.send(frame)),
      get isBehind() {
        return pace.isBehind;
      },
      close: closeWith,
    };
    listener = accept(connection, message);
    resolve();
    // Whoever took it may have had nothing but a goodbye to say.
    if (over) return;
    heartbeat = startHeartbeat(socket, {
      clock,
      intervalMs: limits.mediaPingMs,
      deadAfterMs: limits.mediaDeadMs,
      ping: () => send({ type: 'ping', id: ++pings }),
      onDead: () => closeWith('LIVENESS_LOST'),
    });
  };

  const text = (raw: string): void => {
    const message = decodeMediaSwitch(raw);
    logger.debug({ callId, type: message.type }, 'media message');
    if (message.type === 'ping') send({ type: 'pong', id: message.id });
    else if (message.type === 'attached' || message.type === 'resumed') answered(message);
    else if (message.type === 'pong') return;
    else if (message.type === 'unknown') {
      if (message.seq !== undefined) listener?.event(message.seq, undefined);
    } else if (listener === undefined) throw new ProtocolError('OUT_OF_ORDER', `${message.type} before the answer`);
    else if (message.type === 'response') listener.response(cleaned(message, clean));
    else if (message.type === 'credit') listener.credit(message.generation, message.upTo);
    else if (message.type === 'playout') listener.playout(message.played);
    else listener.event(message.seq, message.event);
  };

  const binary = (bytes: Uint8Array): void => {
    if (listener === undefined) throw new ProtocolError('OUT_OF_ORDER', 'audio before the answer');
    const { header, samples } = decodeFrame(bytes);
    if (header.position + samples.length > lastPosition) {
      throw new ProtocolError('BAD_AUDIO', 'audio beyond the last position there is');
    }
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
  send(first);
}

/** A refusal gets into an error as the switch words it. */
function cleaned(response: MediaResponse, clean: CleanPeerText): MediaResponse {
  if (response.ok) return response;
  const { code, message } = response.error;
  return { ...response, error: { code: clean(code), message: clean(message) } };
}

/** The error for a media connection that did not open. A switch that cannot be reached may be there again a moment later. */
function openError(error: unknown, clean: CleanPeerText): WSSMediaError {
  const cause = error instanceof SocketOpenError ? cleanOpenError(error, clean) : error;
  const { status = 0 } = cause instanceof SocketOpenError ? cause : {};
  const said = status >= 400;
  const code = status === takenOverStatus ? 'TAKEN_OVER' : 'MEDIA_UNREACHABLE';
  const retryable = !said || status === refusalStatuses.RATE_LIMITED || status >= 500;
  return new WSSMediaError('the media connection did not open', { code, retryable, cause });
}

/** The error for a media connection that was closed before the switch had answered. */
function closedError(closeCode: number): WSSMediaError {
  const code = closeCode === closeCodes.TAKEN_OVER.code ? 'TAKEN_OVER' : 'MEDIA_REFUSED';
  return new WSSMediaError(`the call was not given: ${closeCode}`, { code, retryable: mayReturn(closeCode) });
}

/** Whether a connection that was lost with this code may be followed by another one: all but those that the table says no to. */
export function mayReturn(closeCode: number): boolean {
  return Object.values(closeCodes).every(({ code, retry }) => code !== closeCode || retry);
}
