import assert from 'node:assert/strict';
import { SocketRecorder } from './socket-recorder.ts';
import { type Socket, type SocketFactory, SocketOpenError, type SocketRequest, type SocketTls } from './socket.ts';
import type { SocketServer, UpgradeDecision, UpgradeHandler, UpgradeRequest } from './socket-server.ts';

/** A transport under test. */
export interface SocketHarness {
  readonly connect: SocketFactory;
  /** Listens; at the address of an earlier server that is closed if `url` is given. */
  listen(options: { readonly onUpgrade: UpgradeHandler; readonly url?: string }): Promise<SocketServer>;
  /** An address at which a connection is taken and nothing ever answered. */
  listenSilently(): Promise<{ readonly url: string; close(): Promise<void> }>;
  /** What a client of this transport has to show. */
  readonly tls?: SocketTls;
  /** Lets time pass until `promise` settles, and gives up after some seconds. */
  drive<T>(promise: Promise<T>): Promise<T>;
}

/** One sentence of the contract. */
export interface SocketContractCase {
  readonly name: string;
  /** Resolves if the transport keeps it, leaving nothing open; rejects with an assertion error if not. */
  run(harness: SocketHarness): Promise<void>;
}

/** What the bench's clients offer and its servers choose. */
export const subprotocol = 'contract.v1';
/** The limit on messages unless a case asks for another. */
export const maxMessageBytes = 4096;

/** Both ends of one connection. The client's is started unless asked otherwise. */
export interface SocketPair {
  readonly client: Socket;
  readonly server: Socket;
  readonly atClient: SocketRecorder;
  readonly atServer: SocketRecorder;
}

/** How a pair is opened. */
export interface PairOptions {
  readonly startClient?: boolean;
  readonly maxMessageBytes?: number;
  /** Runs on the server as soon as its end is open. */
  readonly onOpen?: (socket: Socket) => void;
}

/** A server with what has been opened on it. */
export class ContractBench {
  readonly harness: SocketHarness;
  readonly requests: UpgradeRequest[] = [];
  readonly #clients: { readonly socket: Socket; readonly recorder: SocketRecorder }[] = [];
  readonly #accepted: SocketRecorder[] = [];
  #decide: (request: UpgradeRequest) => UpgradeDecision | undefined = () => undefined;
  #pairOptions: PairOptions = {};
  #server: SocketServer | undefined;

  constructor(harness: SocketHarness) {
    this.harness = harness;
  }

  get server(): SocketServer {
    assert.ok(this.#server);
    return this.#server;
  }

  async open(): Promise<void> {
    this.#server = await this.harness.listen({ onUpgrade: (request) => this.#answer(request) });
  }

  /** Answers the coming requests in another way than by accepting them. */
  answerWith(decide: (request: UpgradeRequest) => UpgradeDecision | undefined): void {
    this.#decide = decide;
  }

  request(more: Partial<SocketRequest> = {}): SocketRequest {
    return {
      url: `${this.server.url}/path/to?secret=1`,
      subprotocols: [subprotocol],
      maxMessageBytes: this.#pairOptions.maxMessageBytes ?? maxMessageBytes,
      openTimeoutMs: 5000,
      ...(this.harness.tls === undefined ? {} : { tls: this.harness.tls }),
      ...more,
    };
  }

  async pair(options: PairOptions = {}): Promise<SocketPair> {
    this.#pairOptions = options;
    const client = await this.harness.connect(this.request());
    const atClient = new SocketRecorder();
    this.#clients.push({ socket: client, recorder: atClient });
    if (options.startClient ?? true) client.start(atClient);
    const atServer = this.#accepted.at(-1);
    assert.ok(atServer?.socket);
    return { client, server: atServer.socket, atClient, atServer };
  }

  /** The refusal of a request that must not open. */
  async failure(request: SocketRequest): Promise<SocketOpenError> {
    const outcome = await this.harness.connect(request).catch((error: unknown) => error);
    assert.ok(outcome instanceof SocketOpenError, `expected a SocketOpenError, got ${String(outcome)}`);
    return outcome;
  }

  /** Ends what a case has left open, and proves that nothing is left and the address is free again. */
  async close(): Promise<void> {
    for (const { socket } of this.#clients) socket.terminate();
    await Promise.all(this.#accepted.map((recorder) => recorder.ended()));
    assert.equal(this.server.socketCount, 0, 'sockets are left open');
    await this.server.close();
    await this.server.close();
    for (const { recorder } of this.#clients) assert.ok(recorder.closes.length <= 1, 'closed was told twice');
    for (const recorder of this.#accepted) assert.equal(recorder.closes.length, 1, 'closed was not told once');
    const again = await this.harness.listen({ onUpgrade: () => assert.fail('unused'), url: this.server.url });
    await again.close();
  }

  #answer(request: UpgradeRequest): UpgradeDecision {
    this.requests.push(request);
    const decision = this.#decide(request);
    if (decision !== undefined) return decision;
    const recorder = new SocketRecorder();
    this.#accepted.push(recorder);
    return {
      accept: true,
      subprotocol,
      maxMessageBytes: this.#pairOptions.maxMessageBytes ?? maxMessageBytes,
      open: (socket) => {
        recorder.socket = socket;
        socket.start(recorder);
        this.#pairOptions.onOpen?.(socket);
      },
    };
  }
}

/** A case with a server of its own, which is closed and checked for leftovers when `body` is done. */
export function contractCase(name: string, body: (bench: ContractBench) => Promise<void>): SocketContractCase {
  const scenario = async (harness: SocketHarness): Promise<void> => {
    const bench = new ContractBench(harness);
    await bench.open();
    try {
      await body(bench);
    } catch (error) {
      await bench.server.close();
      throw error;
    }
    await bench.close();
  };
  return { name, run: (harness) => harness.drive(scenario(harness)) };
}
