import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '@agentao/clock';
import { WebSocketServer } from 'ws';
import { readHeaders, readTarget } from './http-request.ts';
import type { UpgradeDecision, UpgradeHandler, UpgradeRequest } from './socket-server.ts';
import { WsSocket } from './ws-socket.ts';

/** What Node's `upgrade` event brings. */
export interface UpgradeAttempt {
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Buffer;
}

/** What a handshake is decided with, and where an accepted socket is kept while it is open. */
export interface UpgradeOptions {
  readonly clock: Clock;
  /** PEM of the peer's certificate, which is good. */
  readonly clientCertificate: string | undefined;
  readonly sockets: Set<WsSocket>;
  /** The handshake is done: a socket is there. */
  readonly onOpened: () => void;
  readonly onUpgrade: UpgradeHandler;
  readonly onError?: (error: unknown) => void;
  readonly closeTimeoutMs?: number;
}

/** One handshake. The handler is asked once ws has found the request sound; what it accepts is opened in the same turn. */
export function upgrade({ request, stream, head }: UpgradeAttempt, options: UpgradeOptions): void {
  const { clock, clientCertificate, sockets, onUpgrade, onError, closeTimeoutMs = 2000 } = options;
  let decision: UpgradeDecision | undefined;
  const settings = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    closeTimeout: closeTimeoutMs,
    verifyClient: (_info: unknown, proceed: (accept: boolean) => void): void => {
      try {
        decision = onUpgrade(toUpgradeRequest(request, clientCertificate));
      } catch (error) {
        decision = { accept: false, status: 500, code: 'INTERNAL', message: 'a fault in the server' };
        onError?.(error);
      }
      if (!decision.accept) {
        refuseUpgrade(stream, decision);
        return;
      }
      handshake.options.maxPayload = decision.maxMessageBytes;
      proceed(true);
    },
    handleProtocols: () => (decision?.accept && decision.subprotocol !== '' ? decision.subprotocol : false),
  };
  const handshake = new WebSocketServer(settings);
  handshake.on('wsClientError', (error) => {
    refuseUpgrade(stream, { status: 400, code: 'BAD_HANDSHAKE', message: error.message });
  });
  handshake.handleUpgrade(request, stream, head, (ws) => {
    const socket = new WsSocket(ws, clock);
    sockets.add(socket);
    options.onOpened();
    ws.once('close', () => sockets.delete(socket));
    try {
      if (decision?.accept) decision.open(socket);
      if (!socket.started) throw new Error('open() did not start the socket');
    } catch (error) {
      socket.close(1011, 'fault');
      onError?.(error);
    }
  });
}

function toUpgradeRequest(request: IncomingMessage, clientCertificate: string | undefined): UpgradeRequest {
  const { socket } = request;
  const offered = request.headers['sec-websocket-protocol'];
  return {
    path: readTarget(request).path,
    headers: readHeaders(request),
    subprotocols: offered === undefined ? [] : offered.split(',').map((name) => name.trim()),
    remoteAddress: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
  };
}

/** Why a request is refused. */
export interface HttpRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Answers a request with an HTTP status and ends the connection. */
export function refuseUpgrade(stream: Duplex, { status, code, message }: HttpRefusal): void {
  const body = JSON.stringify({ code, message });
  stream.once('finish', () => stream.destroy());
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
