import { connect, createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { clock } from './clock.ts';

/** The bytes between the client and the kit, on one connection. */
export interface Wire {
  /** Ends it on both sides at once, without a WebSocket close frame. */
  cut(): void;
  /** Nothing reaches the client any more, not even answers to its own frames; what it sends is still read. */
  hush(): void;
  /** Sends bytes past the WebSocket server; only while that sends nothing. */
  inject(bytes: Uint8Array): void;
}

/** One HTTP request of the client, which waits for what becomes of it. */
export interface GateRequest {
  readonly wire: Wire;
  readonly atMs: number;
  /** Path and query, as they were sent. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** Hands it to the WebSocket server behind the gate, with a header that names it. */
  pass(name: string): void;
  /** Answers it with an HTTP status and ends the connection. */
  answer(
    status: number,
    options?: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string },
  ): void;
}

/** Where clients connect: a TCP server in front of the WebSocket server, so that the kit has each byte in its hand. */
export interface Gate extends AsyncDisposable {
  readonly port: number;
}

/** What a gate is made of. */
export interface GateOptions {
  readonly port: number;
  readonly host: string;
  /** Port of the WebSocket server behind it, on the same host. */
  readonly innerPort: number;
  readonly onRequest: (request: GateRequest) => void;
}

/** The header by which the server behind knows a request again. */
export const wireHeader = 'x-conformance-wire';

const maxHeadBytes = 16_384;

/** Listens. Rejects with the error of Node where the port cannot be had. */
export async function openGate({ port, host, innerPort, onRequest }: GateOptions): Promise<Gate> {
  const open = new Set<TcpSocket>();
  const server: Server = createServer((client) => {
    open.add(client);
    client.on('error', () => client.destroy());
    client.once('close', () => open.delete(client));
    readHead(client, ({ head, rest }) => {
      onRequest(toRequest(client, { head, rest, innerPort, host, open }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

interface Head {
  readonly head: string;
  /** What came behind it already. */
  readonly rest: Buffer;
}

/** Reads up to the end of the HTTP head, and leaves the connection paused. */
function readHead(client: TcpSocket, done: (head: Head) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0 && bytes.length > maxHeadBytes) client.destroy();
    if (end < 0) return;
    client.off('data', onData);
    client.pause();
    done({ head: bytes.subarray(0, end).toString('latin1'), rest: bytes.subarray(end + 4) });
  };
  client.on('data', onData);
}

interface Behind extends Head {
  readonly innerPort: number;
  readonly host: string;
  readonly open: Set<TcpSocket>;
}

function toRequest(client: TcpSocket, { head, rest, innerPort, host, open }: Behind): GateRequest {
  const [first = '', ...lines] = head.split('\r\n');
  let inner: TcpSocket | undefined;
  return {
    atMs: clock.now(),
    target: first.split(' ')[1] ?? '',
    headers: readHeaders(lines),
    pass: (name) => {
      inner = connect(innerPort, host);
      const through = inner;
      open.add(through);
      through.on('error', () => through.destroy());
      // Either side's end, however it came, is the other's; the WebSocket close handshake is over by then, or there was none.
      through.once('close', () => {
        open.delete(through);
        client.end();
      });
      client.once('close', () => through.destroy());
      through.write(`${first}\r\n${wireHeader}: ${name}\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1');
      through.write(rest);
      client.pipe(through, { end: false });
      client.once('end', () => through.end());
      through.pipe(client, { end: false });
    },
    answer: (status, { headers = {}, body = '' } = {}) => {
      const fields = { connection: 'close', 'content-length': String(Buffer.byteLength(body)), ...headers };
      const text = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
      client.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}\r\n${text.join('')}\r\n${body}`);
    },
    wire: {
      cut: () => {
        client.destroy();
        inner?.destroy();
      },
      hush: () => {
        inner?.unpipe(client);
        inner?.resume();
      },
      inject: (bytes) => client.write(bytes),
    },
  };
}

function readHeaders(lines: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}
