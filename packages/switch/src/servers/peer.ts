import type { Clock } from '@agentao/clock';
import { type AnyMessage, type CloseCodeName, closeCodes, encode, ProtocolError } from '@agentao/protocol';
import type { Socket } from '@agentao/transport';
import type { Logger } from './logger.ts';
import { createMessageRate } from './message-rate.ts';

/** How a peer's connection ended: who closed it and with which code; 1006 is a loss without a word. */
export interface PeerEnd {
  readonly by: 'peer' | 'switch';
  readonly code: number;
}

/** What the owner of a peer is told. A `ProtocolError` thrown here closes with its code, anything else with 1011. */
export interface PeerHandlers {
  text(message: string): void;
  /** One binary message, valid until this returns. */
  binary(bytes: Uint8Array): void;
  /** The conversation is over: exactly once, last, also when this side closed it. */
  over(end: PeerEnd): void;
}

/** What a peer is given. */
export interface PeerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly messagesPerSecond: number;
  /** Unread bytes at which the peer is closed as a slow reader. */
  readonly unreadBytes: number;
  /** Told once when the socket itself is gone, which may be later than `over`, and with which code. */
  readonly onGone: (code: number) => void;
}

/** One connected program behind a socket: bounded both ways, and over exactly once, whoever ends it. */
export interface Peer {
  /** False once the conversation is over. */
  readonly open: boolean;
  /** Bytes waiting to be read by the peer. */
  readonly unreadBytes: number;
  /** For looking at; started, sent to and closed by the peer alone. */
  readonly socket: Socket;
  /** Begins delivery. */
  start(handlers: PeerHandlers): void;
  /** Ignored once over. */
  send(message: AnyMessage): void;
  /** The same for a message that is encoded already. */
  sendText(text: string): void;
  /** The same for an encoded frame; `bytes` belong to the peer from here on. */
  sendBytes(bytes: Uint8Array): void;
  /** Ends the conversation now; what was sent before still goes out. Idempotent. */
  close(name: CloseCodeName, reason?: string): void;
}

/** Wraps an open socket. */
export function createPeer(socket: Socket, options: PeerOptions): Peer {
  const { clock, logger, unreadBytes } = options;
  const rate = createMessageRate(clock, options.messagesPerSecond);
  let handlers: PeerHandlers | undefined;
  let open = true;

  const end = (peerEnd: PeerEnd): void => {
    open = false;
    try {
      handlers?.over(peerEnd);
    } catch (error) {
      logger.error({ err: error }, 'the end of a connection could not be handled');
    }
  };

  const close = (name: CloseCodeName, reason: string = closeCodes[name].reason): void => {
    if (!open) return;
    open = false;
    const { code } = closeCodes[name];
    socket.close(code, reason);
    end({ by: 'switch', code });
  };

  const fail = (error: unknown): void => {
    if (error instanceof ProtocolError) {
      logger.warn({ closeCode: error.closeCode, reason: error.message }, 'a peer broke the protocol');
      close(error.closeCode, error.message);
    } else {
      logger.error({ err: error }, 'a message could not be handled');
      close('INTERNAL');
    }
  };

  const mayHandle = (): boolean => {
    if (!open) return false;
    if (rate.take()) return true;
    close('RATE_LIMITED');
    return false;
  };

  const sendData = (data: string | Uint8Array): void => {
    if (!open) return;
    socket.send(data);
    if (socket.bufferedBytes > unreadBytes) close('SLOW_READER');
  };

  return {
    socket,
    get open() {
      return open;
    },
    get unreadBytes() {
      return socket.bufferedBytes;
    },
    start: (peerHandlers) => {
      handlers = peerHandlers;
      socket.start({
        text: (message) => {
          if (!mayHandle()) return;
          try {
            peerHandlers.text(message);
          } catch (error) {
            fail(error);
          }
        },
        binary: (bytes) => {
          if (!mayHandle()) return;
          try {
            peerHandlers.binary(bytes);
          } catch (error) {
            fail(error);
          }
        },
        closed: ({ code }) => {
          if (open) end({ by: 'peer', code });
          options.onGone(code);
        },
      });
    },
    send: (message) => sendData(encode(message)),
    sendText: sendData,
    sendBytes: sendData,
    close,
  };
}
