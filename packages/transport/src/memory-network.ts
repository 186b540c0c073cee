import type { Clock } from '@agentao/clock';
import { ListenError } from './listen-error.ts';
import { MemorySocket } from './memory-socket.ts';
import { type SocketFactory, SocketOpenError, type SocketRequest } from './socket.ts';
import type { HttpHandler, HttpReply, SocketServer, UpgradeDecision, UpgradeHandler } from './socket-server.ts';

/** A host of a memory network and what it answers. */
export interface MemoryListenOptions {
  /** The URL host it answers to, e.g. `switch.memory`. */
  readonly host: string;
  readonly onUpgrade: UpgradeHandler;
  readonly onRequest?: HttpHandler;
}

/** A living connection of a memory network, and what can go wrong with it. */
export interface MemoryConnection {
  readonly url: string;
  /** The line breaks: what is on its way is lost and both ends see 1006 at once. */
  cut(): void;
  /**
   * The line carries so many more bytes of messages in this direction and then breaks as by {@link cut}: a message that does not fit whole into
   * them is lost. 0 cuts at once; the newest number holds. Throws a RangeError for what is no number of bytes.
   */
  cutAfter(direction: 'toClient' | 'toServer', bytes: number): void;
  /** What travels in this direction is held up, as when its receiver does not read. */
  stall(direction: 'toClient' | 'toServer'): void;
  /** Ends every stall. */
  resume(): void;
  /** The line dies silently and for good: nothing arrives on either side, and neither is told. */
  halfOpen(): void;
  /** One-way delay of what is sent from now on. */
  setLatency(latencyMs: number): void;
}

/** A plain HTTP request of a memory network. */
export interface MemoryRequestOptions {
  /** Default `GET`. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sockets without a network: the same contract, on any clock, with faults on demand. */
export interface MemoryNetwork {
  /** Throws {@link ListenError} `PORT_IN_USE` if `host` is taken. */
  listen(options: MemoryListenOptions): SocketServer;
  /** Opens a socket to a listening host. Over `wss://` the request's certificate counts as verified. */
  readonly connect: SocketFactory;
  /** A plain HTTP request to a listening host, with a `host` header unless it is given one; `undefined` when nobody listens. */
  request(url: string, options?: MemoryRequestOptions): HttpReply | undefined;
  /** Connections of which at least one end is open, oldest first. */
  connections(): readonly MemoryConnection[];
}

/** What a memory network is made of. */
export interface MemoryNetworkOptions {
  readonly clock: Clock;
  /** One-way delay of everything, the opening included. Default 0: delivery in a microtask. */
  readonly latencyMs?: number;
  /** How long a closing end waits for its peer's answer. Default 2000. */
  readonly closeTimeoutMs?: number;
}

interface Host extends MemoryListenOptions {
  readonly sockets: Set<MemorySocket>;
  emptied: () => void;
}

type Acceptance = Extract<UpgradeDecision, { accept: true }>;

/** Creates an empty memory network. */
export function createMemoryNetwork(options: MemoryNetworkOptions): MemoryNetwork {
  const { clock, latencyMs = 0, closeTimeoutMs = 2000 } = options;
  const hosts = new Map<string, Host>();
  const connections = new Set<MemoryConnection>();

  const later = (run: () => void): void => {
    if (latencyMs > 0) clock.setTimer(clock.now() + latencyMs, run);
    else queueMicrotask(run);
  };

  const listen = (listenOptions: MemoryListenOptions): SocketServer => {
    const name = listenOptions.host;
    if (hosts.has(name)) throw new ListenError('PORT_IN_USE', `${name} has a listener; close it or take another name`);
    const host: Host = { ...listenOptions, sockets: new Set(), emptied: () => undefined };
    hosts.set(name, host);
    let closed: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      if (hosts.get(name) === host) hosts.delete(name);
      if (host.sockets.size === 0) return;
      const emptied = new Promise<void>((resolve) => {
        host.emptied = resolve;
      });
      for (const socket of host.sockets) socket.terminate();
      await emptied;
    };
    return {
      url: `ws://${name}`,
      get socketCount() {
        return host.sockets.size;
      },
      close: () => (closed ??= close()),
    };
  };

  /** Makes both ends; the caller opens the server's and hands out the client's. */
  const join = (request: SocketRequest, host: Host, decision: Acceptance): Ends => {
    let open = 2;
    const onGone = (socket: MemorySocket): void => {
      host.sockets.delete(socket);
      if (host.sockets.size === 0) host.emptied();
      if (--open === 0) connections.delete(connection);
    };
    const subprotocol = request.subprotocols.length > 0 ? decision.subprotocol : '';
    const common = { clock, subprotocol, closeTimeoutMs, latencyMs, onGone };
    const client = new MemorySocket({ ...common, maxMessageBytes: request.maxMessageBytes });
    const server = new MemorySocket({ ...common, maxMessageBytes: decision.maxMessageBytes });
    client.connectTo(server);
    server.connectTo(client);
    host.sockets.add(server);
    const connection = createConnection(request.url, { client, server });
    connections.add(connection);
    return { client, server };
  };

  const connect: SocketFactory = (request) =>
    new Promise((resolve, reject) => {
      let settled = false;
      let ends: Ends | undefined;
      const finish = (): boolean => {
        if (settled) return false;
        settled = true;
        timer.cancel();
        request.signal?.removeEventListener('abort', onAbort);
        return true;
      };
      const fail = (error: SocketOpenError): void => {
        if (!finish()) return;
        ends?.client.terminate();
        reject(error);
      };
      const onAbort = (): void => {
        fail(new SocketOpenError('ABORTED', 'opening was aborted', { cause: request.signal?.reason }));
      };
      const timer = clock.setTimer(clock.now() + request.openTimeoutMs, () => {
        fail(new SocketOpenError('TIMEOUT', `${request.url} did not answer within ${request.openTimeoutMs} ms`));
      });
      if (request.signal?.aborted) {
        onAbort();
        return;
      }
      request.signal?.addEventListener('abort', onAbort);

      const arrive = (): void => {
        if (settled) return;
        const answer = knock(request, hosts);
        if (answer instanceof SocketOpenError) {
          later(() => fail(answer));
          return;
        }
        ends = join(request, answer.host, answer.decision);
        const { client, server } = ends;
        openServerEnd(server, answer.decision.open);
        const problem = subprotocolProblem(request, answer.decision.subprotocol);
        later(() => {
          if (problem !== undefined) fail(new SocketOpenError('PROTOCOL', problem));
          else if (finish()) resolve(client);
        });
      };
      later(arrive);
    });

  const request: MemoryNetwork['request'] = (url, { method = 'GET', headers } = {}) => {
    const { host, pathname, search } = new URL(url);
    const listener = hosts.get(host);
    if (listener === undefined) return undefined;
    const asked = { method, path: pathname, query: search.slice(1), headers: headersOf(host, headers) };
    return listener.onRequest?.(asked) ?? { status: 404, body: '' };
  };

  return { listen, connect, request, connections: () => [...connections] };
}

interface Ends {
  readonly client: MemorySocket;
  readonly server: MemorySocket;
}

function createConnection(url: string, { client, server }: Ends): MemoryConnection {
  const pipes = [client.incoming, server.incoming];
  const cut = (): void => {
    client.end();
    server.end();
  };
  return {
    url,
    cut,
    cutAfter: (direction, bytes) => {
      if (!Number.isSafeInteger(bytes) || bytes < 0) throw new RangeError(`cutAfter: ${bytes} is no number of bytes`);
      (direction === 'toClient' ? client : server).incoming.breakAfter(bytes, cut);
    },
    stall: (direction) => (direction === 'toClient' ? client : server).incoming.stall(true),
    resume: () => {
      for (const pipe of pipes) pipe.stall(false);
    },
    halfOpen: () => {
      for (const pipe of pipes) pipe.sever();
    },
    setLatency: (latencyMs) => {
      for (const pipe of pipes) pipe.latencyMs = latencyMs;
    },
  };
}

/** What the host says to a request: a reason why not, or the acceptance. */
function knock(
  request: SocketRequest,
  hosts: ReadonlyMap<string, Host>,
): SocketOpenError | { readonly host: Host; readonly decision: Acceptance } {
  const url = URL.parse(request.url);
  if (url?.protocol !== 'ws:' && url?.protocol !== 'wss:') {
    return new SocketOpenError('PROTOCOL', 'the URL to open is not a ws:// or wss:// URL');
  }
  const host = hosts.get(url.host);
  if (host === undefined) return new SocketOpenError('UNREACHABLE', `nobody listens at ${url.host}`);
  const certificate = url.protocol === 'wss:' ? request.tls?.cert : undefined;
  const decision = decide(() =>
    host.onUpgrade({
      path: url.pathname,
      headers: headersOf(url.host, request.headers),
      subprotocols: request.subprotocols,
      remoteAddress: 'memory',
      ...(certificate === undefined ? {} : { clientCertificate: certificate }),
    }),
  );
  if (decision.accept) return { host, decision };
  const { status, code, message } = decision;
  const body = JSON.stringify({ code, message });
  return new SocketOpenError('REFUSED', `${request.url} refused with ${status}: ${message}`, { status, body });
}

function headersOf(host: string, given: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> {
  const headers = new Map([['host', host]]);
  for (const [name, value] of Object.entries(given)) headers.set(name.toLowerCase(), value);
  return headers;
}

function decide(ask: () => UpgradeDecision): UpgradeDecision {
  try {
    return ask();
  } catch {
    return { accept: false, status: 500, code: 'INTERNAL', message: 'a fault in the server' };
  }
}

function openServerEnd(server: MemorySocket, open: (socket: MemorySocket) => void): void {
  try {
    open(server);
    if (!server.started) server.close(1011, 'fault');
  } catch {
    server.close(1011, 'fault');
  }
}

function subprotocolProblem(request: SocketRequest, chosen: string): string | undefined {
  if (request.subprotocols.length === 0) return undefined;
  if (chosen === '') return 'the server chose no subprotocol';
  return request.subprotocols.includes(chosen) ? undefined : 'the server chose a subprotocol that was not offered';
}
