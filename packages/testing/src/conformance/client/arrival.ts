import { limits, refusalStatuses, type ErrorCode } from '@agentao/protocol';
import type { SocketServer, UpgradeDecision } from '@agentao/transport';
import { listenWs } from '@agentao/transport/ws';
import { breach } from './breach.ts';
import { clock, patienceMs } from './clock.ts';
import type { NonConformance } from '../check.ts';
import { type GateRequest, wireHeader } from './gate.ts';
import { Peer, type Reader } from './peer.ts';

/** One attempt of the client to open a socket, which waits for what the kit makes of it. */
export interface Arrival {
  readonly request: GateRequest;
  /** Path without query. */
  readonly path: string;
  /** What came in `Authorization: Bearer`, empty if nothing did. */
  readonly bearer: string;
  /** Offered subprotocols. */
  readonly subprotocols: readonly string[];
  /** Opens the socket. `subprotocol` is the one selected, by default the first offered; `''` selects none. */
  accept(reader: Reader, options?: { readonly subprotocol?: string }): Promise<Peer>;
  /** As a switch refuses (H-02). */
  refuse(code: ErrorCode): void;
}

/** The WebSocket server behind the gate. */
export interface Upgrader extends AsyncDisposable {
  readonly port: number;
  /** Makes an arrival of a request that the gate holds. */
  arrival(request: GateRequest): Arrival;
}

/** Listens on any free port. `onBreach` is told of each rule that a client breaks on a socket that was accepted. */
export async function openUpgrader({
  host,
  onBreach,
}: {
  readonly host: string;
  readonly onBreach: (error: NonConformance) => void;
}): Promise<Upgrader> {
  const decisions = new Map<string, UpgradeDecision>();
  const refused: UpgradeDecision = { accept: false, status: 404, code: 'NOT_FOUND', message: 'not for you' };
  const server: SocketServer = await listenWs({
    clock,
    port: 0,
    host,
    closeTimeoutMs: 1_000,
    onUpgrade: ({ headers }) => decisions.get(headers.get(wireHeader) ?? '') ?? refused,
  });
  let names = 0;

  const arrival = (request: GateRequest): Arrival => {
    const { target, headers, wire } = request;
    const [path = ''] = target.split('?');
    const subprotocols = (headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
    return {
      request,
      path,
      bearer: /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? '',
      subprotocols,
      accept: (reader, { subprotocol = subprotocols[0] ?? '' } = {}) =>
        new Promise((resolve, reject) => {
          const name = String(++names);
          const timer = clock.setTimer(clock.now() + patienceMs, () => {
            decisions.delete(name);
            reject(breach('G-01', 'a WebSocket opening handshake', `${target} with ${[...headers.keys()].join(', ')}`));
          });
          decisions.set(name, {
            accept: true,
            subprotocol,
            maxMessageBytes: limits.mediaMessageBytes,
            open: (socket) => {
              timer.cancel();
              decisions.delete(name);
              resolve(new Peer({ socket, wire, reader, onBreach }));
            },
          });
          request.pass(name);
        }),
      refuse: (code) =>
        request.answer(refusalStatuses[code] ?? 500, {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ code, message: 'refused by the conformance kit' }),
        }),
    };
  };
  return { port: Number(new URL(server.url).port), arrival, [Symbol.asyncDispose]: () => server.close() };
}
