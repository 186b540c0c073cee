import type { IncomingMessage } from 'node:http';
import type { Clock } from '@agentao/clock';
import { WebSocket } from 'ws';
import { type SocketFactory, SocketOpenError, type SocketRequest } from './socket.ts';
import { toOpenError } from './ws-open-error.ts';
import { WsSocket } from './ws-socket.ts';

/** The most of a refusal's body that is read. */
const maxBodyBytes = 4096;

/** What all sockets of a connector share. */
export interface WsConnectorOptions {
  readonly clock: Clock;
  /** How long a closing socket waits for its peer's answer. Default 2000. */
  readonly closeTimeoutMs?: number;
}

/** A `SocketFactory` for `ws://`, `wss://` and mutual TLS. */
export function createWsConnector(options: WsConnectorOptions): SocketFactory {
  const { clock, closeTimeoutMs = 2000 } = options;
  return (request) =>
    new Promise((resolve, reject) => {
      if (request.signal?.aborted) {
        reject(aborted(request));
        return;
      }
      if (!/^wss?:$/.test(URL.parse(request.url)?.protocol ?? '')) {
        reject(new SocketOpenError('PROTOCOL', 'the URL to open is not a ws:// or wss:// URL'));
        return;
      }
      const state = { url: withoutSecrets(request.url), secured: false, certified: request.tls?.cert !== undefined };
      let ws: WebSocket;
      try {
        const onSecured = (): void => {
          state.secured = true;
        };
        ws = createWebSocket(request, { closeTimeoutMs, onSecured });
      } catch (error) {
        reject(toOpenError(error, state));
        return;
      }

      let settled = false;
      const finish = (): boolean => {
        if (settled) return false;
        settled = true;
        timer.cancel();
        request.signal?.removeEventListener('abort', onAbort);
        return true;
      };
      const fail = (error: SocketOpenError): void => {
        if (!finish()) return;
        ws.terminate();
        reject(error);
      };
      const onAbort = (): void => fail(aborted(request));
      const timer = clock.setTimer(clock.now() + request.openTimeoutMs, () => {
        fail(new SocketOpenError('TIMEOUT', `${state.url} did not answer within ${request.openTimeoutMs} ms`));
      });
      request.signal?.addEventListener('abort', onAbort);

      ws.on('open', () => {
        if (finish()) resolve(new WsSocket(ws, clock));
      });
      // Stays for good: an abandoned opening still emits its error.
      ws.on('error', (error) => fail(toOpenError(error, state)));
      ws.on('unexpected-response', (_request, response) => {
        readBody(response, (body) => {
          const status = response.statusCode ?? 0;
          fail(new SocketOpenError('REFUSED', `${state.url} refused with HTTP ${status}`, { status, body }));
        });
      });
    });
}

interface Hooks {
  readonly closeTimeoutMs: number;
  readonly onSecured: () => void;
}

function createWebSocket(request: SocketRequest, { closeTimeoutMs, onSecured }: Hooks): WebSocket {
  const { tls } = request;
  const options: WebSocket.ClientOptions & { readonly closeTimeout: number } = {
    perMessageDeflate: false,
    maxPayload: request.maxMessageBytes,
    closeTimeout: closeTimeoutMs,
    headers: { ...request.headers },
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
    finishRequest: (clientRequest) => {
      clientRequest.once('socket', (socket) => socket.once('secureConnect', onSecured));
      clientRequest.end();
    },
  };
  return new WebSocket(request.url, [...request.subprotocols], options);
}

/** Reads at most `maxBodyBytes`, whatever the peer sends or fails to. */
function readBody(response: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const finish = (): void => done(Buffer.concat(chunks).subarray(0, maxBodyBytes).toString());
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= maxBodyBytes) finish();
  });
  response.on('end', finish);
  response.on('error', finish);
}

function aborted(request: SocketRequest): SocketOpenError {
  return new SocketOpenError('ABORTED', 'opening was aborted', { cause: request.signal?.reason });
}

/** A URL for an error text: no user, no query. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
