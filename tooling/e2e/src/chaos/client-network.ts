import type { Clock } from '@agentao/clock';
import { closeCodes } from '@agentao/protocol';
import { type Socket, type SocketFactory, type SocketHandlers, SocketOpenError } from '@agentao/transport';
import type { MemoryConnection, MemoryNetwork } from '@agentao/transport/memory';
import type { Channel, Reach, Way } from './plan.ts';

/** One connection of a client and what can be done to it beside what a {@link MemoryConnection} allows. */
export interface ClientLine {
  readonly channel: Channel;
  readonly connection: MemoryConnection;
  /** Nobody is at the client's end any more. */
  readonly orphaned: boolean;
  /** The client's side is told that the connection is gone, while it lives on in the network and at the switch. */
  forsake(): void;
}

/** The network as one client has it. */
export interface ClientNetwork {
  readonly connect: SocketFactory;
  reach: Reach;
  /** When the last fault was made. */
  faultMs: number;
  /** Connections that lived on without their client until the switch closed them for another one. */
  readonly displaced: number;
  /** Has a line break after so many bytes. */
  cutAfter(line: ClientLine, cut: { readonly way: Way; readonly bytes: number }): void;
  /** All is well again, but for what is broken already; what was still to break breaks now. */
  heal(): void;
  /** The next connection of this kind that comes about breaks after so many bytes. */
  readonly nextCut: Map<Channel, { readonly way: Way; readonly bytes: number }>;
  /** The newest connection of that kind which is still in the network. */
  newest(channel: Channel): ClientLine | undefined;
  /** What is still in the network. */
  lines(): readonly ClientLine[];
  /** The process is gone: nothing reaches its code any more. What becomes of its connections is told separately. */
  kill(): void;
}

/** Whose network it is. */
export interface ClientNetworkOptions {
  /** The client's. */
  readonly clock: Clock;
  readonly name: string;
  /** Told of every socket that opens. */
  readonly onSocket: (socket: Socket) => void;
  /** One side has closed a connection for what the other has said or done wrong. */
  readonly onFault: (text: string) => void;
}

/** Makes the network of a client. */
export function createClientNetwork(network: MemoryNetwork, options: ClientNetworkOptions): ClientNetwork {
  const { clock, name, onSocket, onFault } = options;
  const lines: ClientLine[] = [];
  const armed = new Set<MemoryConnection>();
  const nextCut: ClientNetwork['nextCut'] = new Map();
  let opened = 0;
  let displaced = 0;
  let dead = false;

  const alive = (): ClientLine[] => {
    const there = new Set(network.connections());
    return lines.filter(({ connection }) => there.has(connection));
  };

  const connect: SocketFactory = async (request) => {
    const channel: Channel = new URL(request.url).pathname.endsWith('/media') ? 'media' : 'control';
    if (clientNetwork.reach === 'refused') throw new SocketOpenError('UNREACHABLE', 'the network is down');
    if (clientNetwork.reach === 'unanswered') await unanswered(clock, request.openTimeoutMs, request.signal);
    const url = `${request.url}?of=${name}-${++opened}`;
    const socket = await network.connect({ ...request, url });
    onSocket(socket);
    const connection = network.connections().find((candidate) => candidate.url === url);
    const guarded = new ForsakableSocket(socket, {
      isDead: () => dead,
      onClose: (code) => {
        const fault = faults.find((known) => closeCodes[known].code === code);
        if (fault !== undefined) onFault(`${channel} connection of ${name} closed: ${fault}`);
      },
      onOrphanClosed: (code) => {
        if (code === closeCodes.DISPLACED.code) displaced++;
      },
    });
    if (connection === undefined) return guarded;
    lines.push({
      channel,
      connection,
      get orphaned() {
        return guarded.lost;
      },
      forsake: () => guarded.forsake(),
    });
    const cut = nextCut.get(channel);
    nextCut.delete(channel);
    if (cut !== undefined) {
      clientNetwork.faultMs = clock.now();
      armed.add(connection);
      connection.cutAfter(cut.way, cut.bytes);
    }
    return guarded;
  };

  const clientNetwork: ClientNetwork = {
    connect,
    reach: 'open',
    faultMs: 0,
    get displaced() {
      return displaced;
    },
    nextCut,
    newest: (channel) => alive().findLast((line) => line.channel === channel),
    lines: alive,
    cutAfter({ connection }, cut) {
      armed.add(connection);
      connection.cutAfter(cut.way, cut.bytes);
    },
    heal() {
      clientNetwork.reach = 'open';
      nextCut.clear();
      for (const connection of armed) connection.cut();
    },
    kill: () => {
      dead = true;
    },
  };
  return clientNetwork;
}

function unanswered(clock: Clock, timeoutMs: number, signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = (): void => {
      timer.cancel();
      reject(new SocketOpenError('ABORTED', 'opening was aborted'));
    };
    const timer = clock.setTimer(clock.now() + timeoutMs, () => {
      signal?.removeEventListener('abort', onAbort);
      reject(new SocketOpenError('TIMEOUT', 'nobody answers'));
    });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** What neither a client nor a switch of ours may ever give reason for. */
const faults = [
  ...(['BAD_FRAME', 'BAD_TEXT', 'TOO_LARGE', 'INTERNAL', 'BAD_MESSAGE', 'OUT_OF_ORDER'] as const),
  ...(['BAD_AUDIO', 'CREDIT_EXCEEDED', 'RATE_LIMITED'] as const),
];

/** Whose socket it is. */
interface Owner {
  /** Either side closes it. */
  readonly onClose: (code: number) => void;
  readonly isDead: () => boolean;
  /** The far end has closed it, and nobody was there to be told. */
  readonly onOrphanClosed: (code: number) => void;
}

/** A socket whose owner can be made to believe that it is gone. */
class ForsakableSocket implements Socket {
  readonly #socket: Socket;
  readonly #owner: Owner;
  #handlers: SocketHandlers | undefined;
  #forsaken = false;

  constructor(socket: Socket, owner: Owner) {
    this.#socket = socket;
    this.#owner = owner;
  }

  get lost(): boolean {
    return this.#forsaken || this.#owner.isDead();
  }

  get subprotocol(): string {
    return this.#socket.subprotocol;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  get lastReceivedMs(): number {
    return this.#socket.lastReceivedMs;
  }

  start(handlers: SocketHandlers): void {
    this.#handlers = handlers;
    this.#socket.start({
      text: (message) => {
        if (!this.lost) handlers.text(message);
      },
      binary: (bytes) => {
        if (!this.lost) handlers.binary(bytes);
      },
      closed: (close) => {
        this.#owner.onClose(close.code);
        if (this.lost) this.#owner.onOrphanClosed(close.code);
        else handlers.closed(close);
      },
    });
  }

  send(data: string | Uint8Array): void {
    if (!this.lost) this.#socket.send(data);
  }

  close(code?: number, reason?: string): void {
    if (this.lost) return;
    if (code !== undefined) this.#owner.onClose(code);
    this.#socket.close(code, reason);
  }

  terminate(): void {
    if (!this.lost) this.#socket.terminate();
  }

  forsake(): void {
    if (this.lost || this.#handlers === undefined) return;
    this.#forsaken = true;
    this.#handlers.closed({ code: 1006, reason: '' });
  }
}
