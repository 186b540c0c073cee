import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
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

const subprotocol = 'contract.v1';
const smallestMaxBytes = 4096;

/** Both ends of one connection. The client's is started unless asked otherwise. */
interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  readonly atClient: SocketRecorder;
  readonly atServer: SocketRecorder;
}

interface PairOptions {
  readonly startClient?: boolean;
  readonly maxMessageBytes?: number;
  /** Runs on the server as soon as its end is open. */
  readonly onOpen?: (socket: Socket) => void;
}

/** A server with what has been opened on it. */
class Bench {
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
      maxMessageBytes: this.#pairOptions.maxMessageBytes ?? smallestMaxBytes,
      openTimeoutMs: 5000,
      ...(this.harness.tls === undefined ? {} : { tls: this.harness.tls }),
      ...more,
    };
  }

  async pair(options: PairOptions = {}): Promise<Pair> {
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
      maxMessageBytes: this.#pairOptions.maxMessageBytes ?? smallestMaxBytes,
      open: (socket) => {
        recorder.socket = socket;
        socket.start(recorder);
        this.#pairOptions.onOpen?.(socket);
      },
    };
  }
}

function contractCase(name: string, body: (bench: Bench) => Promise<void>): SocketContractCase {
  const scenario = async (harness: SocketHarness): Promise<void> => {
    const bench = new Bench(harness);
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

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** What every `Socket`, `SocketFactory` and `SocketServer` does alike. */
export const socketContract: readonly SocketContractCase[] = [
  contractCase('carries text and binary both ways, in order and each as what it was sent', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    client.send('first');
    client.send(bytesOf(1, 2, 3));
    client.send('grüße 👋');
    server.send(bytesOf(9));
    server.send('answer');
    await atServer.received(3);
    await atClient.received(2);
    assert.deepEqual(atServer.messages, ['first', bytesOf(1, 2, 3), 'grüße 👋']);
    assert.deepEqual(atClient.messages, [bytesOf(9), 'answer']);
    assert.equal(client.subprotocol, subprotocol);
    assert.equal(server.subprotocol, subprotocol);
  }),

  contractCase('carries empty messages', async (bench) => {
    const { client, atServer } = await bench.pair();
    client.send('');
    client.send(new Uint8Array(0));
    await atServer.received(2);
    assert.deepEqual(atServer.messages, ['', new Uint8Array(0)]);
  }),

  contractCase('hands out binary on an even offset whatever came before it', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    for (const text of ['', 'a', 'ab', 'abc']) {
      for (const socket of [client, server]) {
        socket.send(text);
        socket.send(bytesOf(1, 2, 3, 4));
      }
    }
    client.send(new Uint8Array(new ArrayBuffer(8), 1, 4));
    server.send(new Uint8Array(new ArrayBuffer(8), 1, 4));
    await atServer.received(9);
    await atClient.received(9);
    for (const recorder of [atServer, atClient]) {
      assert.deepEqual(
        recorder.offsets.map((offset) => offset % 2),
        [0, 0, 0, 0, 0],
      );
    }
  }),

  contractCase('hands out binary as a plain Uint8Array, of which slice is a copy', async (bench) => {
    const { client, atServer } = await bench.pair();
    client.send(bytesOf(1, 2));
    await atServer.received(1);
    assert.deepEqual(atServer.prototypes, [Uint8Array.prototype]);
  }),

  contractCase('carries large messages', async (bench) => {
    const { client, atServer } = await bench.pair({ maxMessageBytes: 1_000_000 });
    const large = new Uint8Array(1_000_000).map((_, index) => index * 31);
    client.send(large.slice());
    client.send('x'.repeat(1_000_000));
    await atServer.received(2);
    assert.deepEqual(atServer.messages, [large, 'x'.repeat(1_000_000)]);
  }),

  contractCase('carries ten thousand messages in order', async (bench) => {
    const { client, atServer } = await bench.pair();
    for (let index = 0; index < 10_000; index++) client.send(index % 2 === 0 ? `${index}` : bytesOf(index, index >> 8));
    await atServer.received(10_000);
    atServer.messages.forEach((message, index) => {
      assert.equal(typeof message === 'string' ? Number(message) : (message[1] ?? 0) * 256 + (message[0] ?? 0), index);
    });
  }),

  contractCase('closes with 1009 on a message beyond the limit, told to both sides', async (bench) => {
    for (const sender of ['client', 'server'] as const) {
      const pair = await bench.pair();
      const [sending, receiving] = sender === 'client' ? [pair.client, pair.atServer] : [pair.server, pair.atClient];
      sending.send('x'.repeat(smallestMaxBytes));
      sending.send(new Uint8Array(smallestMaxBytes + 1));
      sending.send('not seen');
      assert.equal((await pair.atClient.ended()).code, 1009);
      assert.equal((await pair.atServer.ended()).code, 1009);
      assert.equal(receiving.messages.length, 1);
    }
  }),

  contractCase('counts the limit in bytes of UTF-8', async (bench) => {
    const { client, atServer } = await bench.pair();
    client.send('ü'.repeat(smallestMaxBytes / 2 + 1));
    assert.equal((await atServer.ended()).code, 1009);
  }),

  contractCase('closes with code and reason, from either side, after what was sent before', async (bench) => {
    for (const closer of ['client', 'server'] as const) {
      const pair = await bench.pair();
      const [closing, other] = closer === 'client' ? [pair.client, pair.atServer] : [pair.server, pair.atClient];
      for (let index = 0; index < 100; index++) closing.send(`${index}`);
      closing.close(4409, 'a newer one – für immer');
      closing.close(4400, 'too late');
      assert.deepEqual(await pair.atClient.ended(), { code: 4409, reason: 'a newer one – für immer' });
      assert.deepEqual(await pair.atServer.ended(), { code: 4409, reason: 'a newer one – für immer' });
      assert.equal(other.messages.length, 100);
    }
  }),

  contractCase('closes with 1000 and no reason by default', async (bench) => {
    const { client, atServer } = await bench.pair();
    client.close();
    assert.deepEqual(await atServer.ended(), { code: 1000, reason: '' });
  }),

  contractCase('still hands out what the peer sends until it has answered a close', async (bench) => {
    const { client, server, atClient } = await bench.pair();
    server.send('before');
    client.close(1000);
    assert.equal((await atClient.ended()).code, 1000);
    assert.deepEqual(atClient.messages, ['before']);
  }),

  contractCase('closes once when both sides close at the same time', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    client.close(4001, 'client');
    server.close(4002, 'server');
    assert.deepEqual(await atClient.ended(), { code: 4002, reason: 'server' });
    assert.deepEqual(await atServer.ended(), { code: 4001, reason: 'client' });
  }),

  contractCase('refuses a close code that may not travel, and cuts a reason that is too long', async (bench) => {
    const { client, atServer } = await bench.pair();
    for (const code of [0, 999, 1005, 1006, 1015, 2000, 5000, 1000.5]) {
      assert.throws(() => client.close(code), RangeError);
    }
    client.close(4400, 'é'.repeat(100));
    assert.deepEqual(await atServer.ended(), { code: 4400, reason: 'é'.repeat(61) });
  }),

  contractCase('terminates with 1006 on both sides, and hands out nothing more', async (bench) => {
    for (const ender of ['client', 'server'] as const) {
      const pair = await bench.pair();
      pair.client.send('late');
      pair.server.send('late');
      const [ending, silenced] = ender === 'client' ? [pair.client, pair.atClient] : [pair.server, pair.atServer];
      ending.terminate();
      ending.terminate();
      assert.deepEqual(await pair.atClient.ended(), { code: 1006, reason: '' });
      assert.deepEqual(await pair.atServer.ended(), { code: 1006, reason: '' });
      assert.equal(silenced.messages.length, 0);
    }
  }),

  contractCase('terminates from within a handler: what came with that message is not handed out', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    atClient.onMessage = () => client.terminate();
    server.send('first');
    server.send('second');
    server.close(4000, 'not seen');
    assert.deepEqual(await atClient.ended(), { code: 1006, reason: '' });
    assert.deepEqual(atClient.messages, ['first']);
    await atServer.ended();
  }),

  contractCase('ignores what is sent or closed after the end', async (bench) => {
    const { client, server, atClient, atServer } = await bench.pair();
    client.close(1000);
    client.send('after close');
    await Promise.all([atClient.ended(), atServer.ended()]);
    for (const socket of [client, server]) {
      socket.send('after the end');
      socket.close(4400);
      socket.terminate();
      assert.equal(socket.bufferedBytes, 0);
    }
    assert.deepEqual(atServer.messages, []);
  }),

  contractCase('holds what arrives before start, and the end too', async (bench) => {
    const onOpen = (socket: Socket): void => {
      socket.send('early');
      socket.send(bytesOf(1));
      socket.close(4408, 'no hello');
    };
    const { client, atClient } = await bench.pair({ startClient: false, onOpen });
    await bench.pair();
    client.start(atClient);
    assert.deepEqual(atClient.messages, []);
    assert.deepEqual(await atClient.ended(), { code: 4408, reason: 'no hello' });
    assert.deepEqual(atClient.messages, ['early', bytesOf(1)]);
  }),

  contractCase('can be closed before it is started', async (bench) => {
    const { client, atClient, atServer } = await bench.pair({ startClient: false });
    client.close(4001, 'changed my mind');
    assert.deepEqual(await atServer.ended(), { code: 4001, reason: 'changed my mind' });
    client.start(atClient);
    assert.deepEqual(await atClient.ended(), { code: 4001, reason: 'changed my mind' });
  }),

  contractCase('cannot be started twice', async (bench) => {
    const { client, atClient } = await bench.pair();
    assert.throws(() => client.start(atClient), /twice/);
  }),

  contractCase('ends with 1011 when a handler throws, and the socket beside it goes on', async (bench) => {
    const { client, atClient, atServer } = await bench.pair();
    const beside = await bench.pair();
    const fault = new Error('from the handler');
    atServer.onMessage = () => {
      throw fault;
    };
    client.send('bang');
    client.send('not seen');
    assert.equal((await atClient.ended()).code, 1011);
    const { code, cause } = await atServer.ended();
    assert.deepEqual([code, cause], [1011, fault]);
    assert.equal(atServer.messages.length, 1);
    beside.client.send('still here');
    await beside.atServer.received(1);
  }),

  contractCase('tells when the peer was last heard', async (bench) => {
    const { client, server, atServer, atClient } = await bench.pair();
    const before = server.lastReceivedMs;
    client.send('hello');
    await atServer.received(1);
    assert.ok(server.lastReceivedMs >= before);
    server.send('hello');
    await atClient.received(1);
    assert.ok(client.lastReceivedMs >= before);
  }),

  contractCase('counts what a peer does not read, and lets go of it when terminated', async (bench) => {
    const { server, atServer } = await bench.pair({ startClient: false });
    const block = new Uint8Array(256 * 1024);
    for (let count = 0; count < 400 && server.bufferedBytes < 2_000_000; count++) server.send(block);
    assert.ok(server.bufferedBytes >= 2_000_000);
    server.terminate();
    assert.equal((await atServer.ended()).code, 1006);
    assert.equal(server.bufferedBytes, 0);
  }),

  contractCase('gives up on a close that is not answered', async (bench) => {
    const { server, atServer } = await bench.pair({ startClient: false });
    server.close(1001, 'goodbye');
    assert.equal((await atServer.ended()).code, 1006);
  }),

  contractCase('shows the server what was asked for', async (bench) => {
    const headers = { Authorization: 'Bearer key', 'X-Trace': '7' };
    const client = await bench.harness.connect(bench.request({ subprotocols: ['other.v2', subprotocol], headers }));
    client.terminate();
    const [request] = bench.requests;
    assert.equal(request?.path, '/path/to');
    assert.deepEqual(request?.subprotocols, ['other.v2', subprotocol]);
    assert.equal(request?.headers.get('authorization'), 'Bearer key');
    assert.equal(request?.headers.get('x-trace'), '7');
    assert.equal(request?.headers.get('host'), new URL(bench.server.url).host);
    assert.notEqual(request?.remoteAddress, '');
    assert.equal(request?.clientCertificate?.trim(), bench.harness.tls?.cert?.trim());
  }),

  contractCase('opens without a subprotocol if none is offered', async (bench) => {
    const client = await bench.harness.connect(bench.request({ subprotocols: [] }));
    assert.equal(client.subprotocol, '');
    client.terminate();
  }),

  contractCase('carries a refusal with its status and body to the client', async (bench) => {
    bench.answerWith(() => ({ accept: false, status: 403, code: 'FORBIDDEN', message: 'not this connector – ever' }));
    const error = await bench.failure(bench.request());
    assert.deepEqual([error.code, error.status], ['REFUSED', 403]);
    assert.deepEqual(JSON.parse(error.body ?? ''), { code: 'FORBIDDEN', message: 'not this connector – ever' });
    assert.equal(bench.server.socketCount, 0);
  }),

  contractCase('answers 500 when the decision throws', async (bench) => {
    bench.answerWith(() => {
      throw new Error('secret detail');
    });
    const error = await bench.failure(bench.request());
    assert.deepEqual([error.code, error.status], ['REFUSED', 500]);
    assert.ok(!error.body?.includes('secret'));
  }),

  contractCase('does not open with a subprotocol that was not offered', async (bench) => {
    const gone: Promise<unknown>[] = [];
    const open = (socket: Socket): void => {
      const recorder = new SocketRecorder();
      socket.start(recorder);
      gone.push(recorder.ended());
    };
    for (const chosen of ['unknown.v9', '']) {
      bench.answerWith(() => ({ accept: true, subprotocol: chosen, maxMessageBytes: smallestMaxBytes, open }));
      assert.equal((await bench.failure(bench.request())).code, 'PROTOCOL');
    }
    await Promise.all(gone);
  }),

  contractCase('closes a socket whose opener does not start it, or throws', async (bench) => {
    for (const thrown of [undefined, new Error('from open')]) {
      const atServer = new SocketRecorder();
      const open = (socket: Socket): void => {
        atServer.socket = socket;
        if (thrown !== undefined) throw thrown;
      };
      bench.answerWith(() => ({ accept: true, subprotocol, maxMessageBytes: smallestMaxBytes, open }));
      const client = await bench.harness.connect(bench.request());
      const atClient = new SocketRecorder();
      client.start(atClient);
      assert.equal((await atClient.ended()).code, 1011);
      atServer.socket?.start(atServer);
      assert.equal((await atServer.ended()).code, 1011);
    }
  }),

  contractCase('tells an address where nobody listens', async (bench) => {
    const gone = await bench.harness.listen({ onUpgrade: () => assert.fail('unused') });
    await gone.close();
    assert.equal((await bench.failure(bench.request({ url: gone.url }))).code, 'UNREACHABLE');
  }),

  contractCase('refuses a URL of another kind', async (bench) => {
    for (const url of ['http://127.0.0.1/', 'nonsense', '']) {
      assert.equal((await bench.failure(bench.request({ url }))).code, 'PROTOCOL');
    }
  }),

  contractCase('gives up opening at its deadline', async (bench) => {
    const silent = await bench.harness.listenSilently();
    const error = await bench.failure(bench.request({ url: silent.url, openTimeoutMs: 50 }));
    assert.equal(error.code, 'TIMEOUT');
    await silent.close();
  }),

  contractCase('stops opening when aborted, before it begins and in the middle', async (bench) => {
    const silent = await bench.harness.listenSilently();
    const reason = new Error('no longer needed');
    const early = await bench.failure(bench.request({ url: silent.url, signal: AbortSignal.abort(reason) }));
    assert.deepEqual([early.code, early.cause], ['ABORTED', reason]);
    const controller = new AbortController();
    const opening = bench.failure(bench.request({ url: silent.url, signal: controller.signal }));
    controller.abort(reason);
    assert.deepEqual((await opening).code, 'ABORTED');
    await silent.close();
  }),

  contractCase('lets go of the signal once it is open', async (bench) => {
    const controller = new AbortController();
    const client = await bench.harness.connect(bench.request({ signal: controller.signal }));
    assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
    controller.abort();
    const recorder = new SocketRecorder();
    client.start(recorder);
    client.close(4000);
    assert.equal((await recorder.ended()).code, 4000);
  }),

  contractCase('terminates what is open when the server closes', async (bench) => {
    const { atClient } = await bench.pair();
    await bench.server.close();
    assert.equal((await atClient.ended()).code, 1006);
  }),
];
