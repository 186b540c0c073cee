import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { constants } from 'node:crypto';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import { isIPv6, type Socket as NetSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import type { Clock } from '@agentao/clock';
import { ListenError } from './listen-error.ts';
import type { HttpHandler, HttpReply, HttpRequest, SocketServer, UpgradeHandler } from './socket-server.ts';
import { readHeaders, readTarget } from './http-request.ts';
import { type PeerCertificate, readPeerCertificate } from './peer-certificate.ts';
import { createStrangerCount } from './stranger-count.ts';
import { type HttpRefusal, refuseUpgrade, upgrade } from './ws-upgrade.ts';
import type { WsSocket } from './ws-socket.ts';

const maxHeaderBytes = 16_384;

/**
 * PEM texts of a server; with `clientCa` it is mutual TLS and only certificates of that authority get in. Everybody else is answered 401 with
 * `{ code: 'UNAUTHENTICATED', message }`, whatever was asked for: a person reads there what is wrong, which a broken handshake does not tell.
 */
export interface WsServerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}

/** Where and how to listen. */
export interface WsListenOptions {
  readonly clock: Clock;
  /** 0 takes any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly tls?: WsServerTls;
  readonly onUpgrade: UpgradeHandler;
  /** May take its time; the request is answered when the reply is there. */
  readonly onRequest?: (request: HttpRequest) => ReturnType<HttpHandler> | Promise<ReturnType<HttpHandler>>;
  /** Told of a throw of `onUpgrade`, its `open`, or `onRequest`, and of a connection that could not be taken. */
  readonly onError?: (error: unknown) => void;
  /** Sockets beyond this are refused with 503. Default 10,000. */
  readonly maxConnections?: number;
  /**
   * Connections of one address that are no sockets, because they are still shaking hands or ask for a page. What comes beyond is cut without a word: to put
   * thousands out at once, when their time is up, would hold up everything else. Default 512.
   */
  readonly maxStrangersPerAddress?: number;
  /** Told of each connection that is cut for that. */
  readonly onStrangerCut?: () => void;
  /** For TLS and the whole HTTP request, from the connection's first moment. Default 5000. */
  readonly handshakeTimeoutMs?: number;
  /** How long a closing socket waits for its peer's answer. Default 2000. */
  readonly closeTimeoutMs?: number;
}

/** A listening server whose certificate can be replaced. */
export interface WsServer extends SocketServer {
  /**
   * Takes another certificate, key or client authority from the next connection on; running ones go on. Throws {@link ListenError} for a pair that
   * is not usable, and for TLS or client certificates where there were none or the other way round; then everything stays as it was.
   */
  setTls(tls: WsServerTls): void;
}

/** Listens for WebSockets and plain HTTP on one port. Rejects with {@link ListenError}. */
export async function listenWs(options: WsListenOptions): Promise<WsServer> {
  const { host = '127.0.0.1', port, tls, maxConnections = 10_000, maxStrangersPerAddress = 512 } = options;
  const server = createHttpServer(options);
  const sockets = new Set<WsSocket>();
  const connections = new Set<NetSocket>();
  const strangers = createStrangerCount();
  // Those beyond the sockets are still shaking hands, or ask for a page.
  server.maxConnections = 2 * maxConnections;
  server.on('connection', (connection: NetSocket) => {
    connections.add(connection);
    // What is closed tells no longer whose it was.
    const { remoteAddress, remotePort } = connection;
    connection.once('close', () => {
      connections.delete(connection);
      strangers.left({ remoteAddress, remotePort });
    });
    if (strangers.arrived(connection) <= maxStrangersPerAddress) return;
    connection.destroy();
    options.onStrangerCut?.();
  });
  const mutual = tls?.clientCa !== undefined;
  /** The check that all requests go through first, so that a stranger reaches nothing but its refusal. */
  const look = (connection: Duplex): PeerCertificate | undefined => {
    if (!mutual) return undefined;
    const certificate = readPeerCertificate(connection, options.clock.wallTime());
    if (!certificate.good) options.onError?.(new Error(`a peer was turned away: ${certificate.message}`));
    return certificate;
  };
  // Bodies are not read, so one that waits to be asked for waits for the answer; left to itself, Node would answer before the check.
  for (const event of ['request', 'checkContinue', 'checkExpectation']) {
    server.on(event, (request: IncomingMessage, response: ServerResponse) => {
      const certificate = look(request.socket);
      if (certificate?.good === false) refuseUpgrade(request.socket, refusalOf(certificate));
      else answer(request, response, options).catch((error: unknown) => options.onError?.(error));
    });
  }
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const certificate = look(stream);
    if (certificate?.good === false) {
      refuseUpgrade(stream, refusalOf(certificate));
    } else if (sockets.size >= maxConnections) {
      refuseUpgrade(stream, {
        status: 503,
        code: 'TOO_MANY_CONNECTIONS',
        message: 'the server is full; try again later',
      });
    } else {
      const onOpened = (): void => strangers.left(request.socket);
      upgrade({ request, stream, head }, { ...options, sockets, clientCertificate: certificate?.pem, onOpened });
    }
  });

  await listen(server, { host, port });
  server.on('error', (error) => options.onError?.(error));
  server.on('tlsClientError', (error) => options.onError?.(error));
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.terminate();
      for (const connection of connections) connection.destroy();
    });
  return {
    url: `${tls === undefined ? 'ws' : 'wss'}://${isIPv6(host) ? `[${host}]` : host}:${boundPort}`,
    get socketCount() {
      return sockets.size;
    },
    close: () => (closed ??= close()),
    setTls: (next) => {
      if (!('setSecureContext' in server) || mutual !== (next.clientCa !== undefined)) {
        throw new ListenError(
          'LISTEN_FAILED',
          'setTls replaces what is there; it turns neither TLS nor client certificates on or off',
        );
      }
      const context = secureContext(next);
      usable(() => createSecureContext(context));
      server.setSecureContext(context);
      // Who was let in by the old authority asks anew by the new one.
      server.closeIdleConnections();
    },
  };
}

function createHttpServer({ tls, handshakeTimeoutMs = 5000 }: WsListenOptions): Server | HttpsServer {
  const http = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: Math.min(handshakeTimeoutMs / 2, 1000),
    noDelay: true,
  };
  if (tls === undefined) return createServer(http);
  // Node does not say in the handshake what it has against a certificate: it hangs up. So the handshake is let through, and the first request refused.
  const mutual = tls.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false };
  return usable(() => {
    return createTlsServer({ ...http, ...mutual, ...secureContext(tls), handshakeTimeout: handshakeTimeoutMs });
  });
}

function secureContext({ cert, key, clientCa }: WsServerTls): SecureContextOptions {
  if (clientCa === undefined) return { cert, key };
  // A resumed session keeps the verdict of its first handshake, and needs no private key: each connection has to show its certificate itself.
  return { cert, key, ca: clientCa, secureOptions: constants.SSL_OP_NO_TICKET };
}

function usable<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    const message = `the TLS certificate or key is not usable (${textOf(cause)}); both must be PEM and belong together`;
    throw new ListenError('LISTEN_FAILED', message, { cause });
  }
}

function refusalOf({ message }: Extract<PeerCertificate, { good: false }>): HttpRefusal {
  return { status: 401, code: 'UNAUTHENTICATED', message };
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => reject(toListenError(error, `${host}:${port}`));
    server.once('error', onError);
    try {
      server.listen(port, host, () => {
        server.off('error', onError);
        resolve();
      });
    } catch (cause) {
      reject(new ListenError('LISTEN_FAILED', `${host}:${port} is no address to listen on`, { cause }));
    }
  });
}

function toListenError(cause: NodeJS.ErrnoException, where: string): ListenError {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ListenError('PORT_IN_USE', `${where} is in use; stop what listens there or choose another port`, {
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
    case 'ENOTFOUND':
      return new ListenError('ADDRESS_UNAVAILABLE', `this machine has no address for ${where}; choose one it has`, {
        cause,
      });
    default:
      return new ListenError('LISTEN_FAILED', `cannot listen on ${where}: ${cause.message}`, { cause });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { onRequest, onError }: WsListenOptions,
): Promise<void> {
  const { path, query } = readTarget(request);
  let reply: HttpReply | undefined;
  try {
    const replying = onRequest?.({ method: request.method ?? 'GET', path, query, headers: readHeaders(request) });
    reply = replying instanceof Promise ? await replying : replying;
  } catch (error) {
    reply = { status: 500, body: 'a fault in the server\n' };
    onError?.(error);
  }
  const { status, headers, body } = reply ?? { status: 404, body: 'not found\n' };
  // A 204 has no length, not even nought (RFC 9110, 8.6).
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...length, ...headers });
  response.end(body);
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
