import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import {
  connect as connectTcp,
  createServer as createTcpServer,
  type AddressInfo,
  type Socket as NetSocket,
} from 'node:net';
import { createSystemClock } from '@agentao/clock';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ListenError } from './listen-error.ts';
import { socketContract, type SocketHarness } from './socket-contract.ts';
import { SocketRecorder } from './socket-recorder.ts';
import type { SocketServer } from './socket-server.ts';
import type { SocketRequest } from './socket.ts';
import { createWsConnector, listenWs, type WsListenOptions } from './ws.ts';

const clock = createSystemClock(globalThis);
const closeTimeoutMs = 100;
const connect = createWsConnector({ clock, closeTimeoutMs });

/** A TCP server that hands each connection to `onConnection`; closing it leaves nothing. */
async function listenTcp(onConnection: (socket: NetSocket) => void): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<NetSocket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const harness: SocketHarness = {
  connect,
  listen: ({ onUpgrade, url }) =>
    listenWs({ clock, port: url === undefined ? 0 : Number(new URL(url).port), onUpgrade, closeTimeoutMs }),
  listenSilently: async () => {
    const { port, close } = await listenTcp(() => undefined);
    return { url: `ws://127.0.0.1:${port}/`, close };
  },
  drive: (promise) => promise,
};

describe('ws socket', () => {
  it.each(socketContract)('$name', async ({ run }) => {
    await expect(run(harness)).resolves.toBeUndefined();
  });
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

interface Listening {
  readonly server: SocketServer;
  readonly port: number;
  readonly atServer: SocketRecorder;
  readonly errors: unknown[];
}

async function listen(options: Partial<WsListenOptions> = {}): Promise<Listening> {
  const atServer = new SocketRecorder();
  const errors: unknown[] = [];
  const server = await listenWs({
    clock,
    port: 0,
    closeTimeoutMs,
    onError: (error) => errors.push(error),
    onUpgrade: () => ({
      accept: true,
      subprotocol: 'a',
      maxMessageBytes: 4096,
      open: (socket) => {
        atServer.socket = socket;
        socket.start(atServer);
      },
    }),
    ...options,
  });
  closing.push(() => server.close());
  return { server, port: Number(new URL(server.url).port), atServer, errors };
}

const request = (url: string): SocketRequest => ({
  url,
  subprotocols: ['a'],
  maxMessageBytes: 4096,
  openTimeoutMs: 5000,
});

const closed = (socket: NetSocket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

/** What a raw TCP peer gets back until the connection ends. */
async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString();
  });
  socket.on('error', () => undefined);
  socket.write(text, 'latin1');
  await closed(socket);
  return answer;
}

async function get(url: string, method = 'GET'): Promise<{ status: number; body: string; type: string | undefined }> {
  const asked = httpRequest(url.replace('ws:', 'http:'), { method, agent: false });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, body, type: response.headers['content-type'] };
}

/** A client of ws itself, for what this side never sends. */
async function openPlain(url: string): Promise<WebSocket> {
  const ws = new WebSocket(url, ['a']);
  await once(ws, 'open');
  return ws;
}

describe('ws server', () => {
  it('answers a ping and counts it as a sign of life', async () => {
    const { server, atServer } = await listen();
    const ws = await openPlain(server.url);
    const before = atServer.socket?.lastReceivedMs ?? Number.POSITIVE_INFINITY;
    ws.ping('beat');
    const [answer] = (await once(ws, 'pong')) as [Buffer];
    expect(answer.toString()).toBe('beat');
    expect(atServer.socket?.lastReceivedMs).toBeGreaterThan(before);
    ws.terminate();
    await atServer.ended();
  });

  it('closes with 1007 on text that is not UTF-8', async () => {
    const { server, atServer } = await listen();
    const ws = await openPlain(server.url);
    ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    const [code] = (await once(ws, 'close')) as [number];
    expect(code).toBe(1007);
    expect((await atServer.ended()).code).toBe(1007);
  });

  it('closes with 1002 on a frame that is none', async () => {
    const { port, atServer } = await listen();
    const key = Buffer.alloc(16).toString('base64');
    const handshake = `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
    const details = `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
    const answer = await sendRaw(port, `${handshake}${details}\x83\x00`);
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    expect((await atServer.ended()).code).toBe(1002);
  });

  it('does not compress, even if the client offers to', async () => {
    const { server } = await listen();
    const ws = await openPlain(server.url);
    expect(ws.extensions).toBe('');
    ws.terminate();
  });

  it('joins a fragmented message and holds its limit over all fragments', async () => {
    const { server, atServer } = await listen();
    const ws = await openPlain(server.url);
    ws.send('a'.repeat(2000), { fin: false });
    ws.send('b'.repeat(2000), { fin: true });
    await atServer.received(1);
    expect(atServer.messages[0]).toBe('a'.repeat(2000) + 'b'.repeat(2000));
    ws.send('a'.repeat(3000), { fin: false });
    ws.send('b'.repeat(3000), { fin: true });
    expect((await atServer.ended()).code).toBe(1009);
    ws.terminate();
  });

  it('answers plain requests on the same port, and 404 to what nobody answers', async () => {
    const { server } = await listen({
      onRequest: ({ method, path, query, headers }) =>
        path === '/health'
          ? {
              status: 200,
              headers: { 'content-type': 'text/plain' },
              body: `${method} ${query} ${headers.has('host')}`,
            }
          : undefined,
    });
    expect(await get(`${server.url}/health?deep=1`)).toEqual({
      status: 200,
      body: 'GET deep=1 true',
      type: 'text/plain',
    });
    expect((await get(`${server.url}/other`)).status).toBe(404);
    expect(await get(`${server.url}/health`, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('gives a 204 no length, joins repeated cookies, and reads no body', async () => {
    const { server } = await listen({
      onRequest: ({ headers }) => ({ status: 204, headers: { 'x-cookie': headers.get('cookie') ?? '' }, body: '' }),
    });
    const port = Number(new URL(server.url).port);
    const head = 'POST / HTTP/1.1\r\nHost: x\r\nCookie: a=1\r\nCookie: b=2\r\nConnection: close\r\n';
    const answer = await sendRaw(port, `${head}Content-Length: 4\r\n\r\nbody`);
    expect(answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(answer).toContain('x-cookie: a=1; b=2');
    expect(answer.toLowerCase()).not.toContain('content-length');
  });

  it('answers 500 when a request handler throws, and reports it', async () => {
    const fault = new Error('secret detail');
    const { server, errors } = await listen({
      onRequest: () => {
        throw fault;
      },
    });
    const { status, body } = await get(`${server.url}/`);
    expect([status, body.includes('secret')]).toEqual([500, false]);
    expect(errors).toEqual([fault]);
  });

  it('reports a throw of the upgrade handler', async () => {
    const fault = new Error('from the decision');
    const { server, errors } = await listen({
      onUpgrade: () => {
        throw fault;
      },
    });
    await expect(connect(request(server.url))).rejects.toMatchObject({ code: 'REFUSED', status: 500 });
    expect(errors).toEqual([fault]);
  });

  it('refuses a handshake that is none without asking the handler', async () => {
    let asked = 0;
    const { port } = await listen({
      onUpgrade: () => {
        asked++;
        return { accept: false, status: 500, code: 'NO', message: 'no' };
      },
    });
    const answer = await sendRaw(
      port,
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*Connection: close[^]*"code":"BAD_HANDSHAKE"/);
    expect(asked).toBe(0);
  });

  it('answers a flood of headers with 431', async () => {
    const { port } = await listen();
    const flood = Array.from({ length: 400 }, (_, index) => `X-${index}: ${'y'.repeat(100)}\r\n`).join('');
    expect(await sendRaw(port, `GET / HTTP/1.1\r\nHost: x\r\n${flood}`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('ends connections that say nothing, or not enough, within the handshake time', async () => {
    const { port } = await listen({ handshakeTimeoutMs: 60 });
    expect(await sendRaw(port, 'GET / HTTP/1.1\r\nHost: x\r\n')).toMatch(/^HTTP\/1\.1 408 |^$/);
    await sendRaw(port, '');
  });

  it('refuses sockets beyond its limit with 503 and takes new ones when there is room', async () => {
    const { server, atServer } = await listen({ maxConnections: 1 });
    const first = await connect(request(server.url));
    await expect(connect(request(server.url))).rejects.toMatchObject({ code: 'REFUSED', status: 503 });
    first.terminate();
    await atServer.ended();
    const second = await connect(request(server.url));
    second.terminate();
  });

  it('says so when its port is taken, the address is not its own, or the port is none', async () => {
    const { port } = await listen();
    const onUpgrade = () => ({ accept: false, status: 400, code: 'NO', message: 'no' }) as const;
    const attempt = async (host: string, at: number): Promise<unknown> =>
      listenWs({ clock, host, port: at, onUpgrade }).catch((error: unknown) => error);
    const taken = await attempt('127.0.0.1', port);
    expect(taken).toBeInstanceOf(ListenError);
    expect(taken).toMatchObject({ code: 'PORT_IN_USE', message: expect.stringContaining(`127.0.0.1:${port}`) });
    expect(await attempt('192.0.2.1', 0)).toMatchObject({ code: 'ADDRESS_UNAVAILABLE' });
    expect(await attempt('127.0.0.1', 99_999)).toMatchObject({ code: 'LISTEN_FAILED' });
  });

  it('closes at once although strangers hold connections open', async () => {
    const { server, port } = await listen();
    const strangers = [connectTcp(port, '127.0.0.1'), connectTcp(port, '127.0.0.1')];
    for (const stranger of strangers) stranger.on('error', () => undefined);
    await Promise.all(strangers.map((stranger) => once(stranger, 'connect')));
    strangers[0]?.write('GET / HTTP/1.1\r\n');
    const ended = Promise.all(strangers.map((stranger) => closed(stranger)));
    await server.close();
    await expect(ended).resolves.toHaveLength(2);
  });
});

describe('ws connector', () => {
  it('reads no more than the beginning of a refusal that never ends', async () => {
    const { port, close } = await listenTcp((socket) => {
      socket.write(`HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n${'x'.repeat(5000)}\r\n`);
    });
    closing.push(close);
    const opening = connect(request(`ws://127.0.0.1:${port}/`));
    await expect(opening).rejects.toMatchObject({ code: 'REFUSED', status: 403, body: 'x'.repeat(4096) });
  });

  it('calls a peer that does not speak HTTP, or hangs up, by its name', async () => {
    const noise = await listenTcp((socket) => socket.write('SSH-2.0-other\r\n'));
    const rude = await listenTcp((socket) => socket.destroy());
    closing.push(noise.close, rude.close);
    await expect(connect(request(`ws://127.0.0.1:${noise.port}/`))).rejects.toMatchObject({ code: 'PROTOCOL' });
    await expect(connect(request(`ws://127.0.0.1:${rude.port}/`))).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/hang up; if it serves wss:\/\//),
    });
  });

  it('follows no redirect', async () => {
    const { port, close } = await listenTcp((socket) => {
      socket.end('HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n');
    });
    closing.push(close);
    await expect(connect(request(`ws://127.0.0.1:${port}/`))).rejects.toMatchObject({ code: 'REFUSED', status: 302 });
  });

  it('names TLS when there is none on the other side, and keeps the query out of the text', async () => {
    const { port } = await listen();
    const opening = connect(request(`wss://127.0.0.1:${port}/path?token=secret`));
    await expect(opening).rejects.toMatchObject({
      code: 'TLS',
      message: `what answers at wss://127.0.0.1:${port}/path does not speak TLS; if it serves ws://, the URL has to say so`,
    });
  });

  it('refuses a client certificate that is no PEM as a matter of TLS', async () => {
    const { port } = await listen();
    const opening = connect({ ...request(`wss://127.0.0.1:${port}/`), tls: { cert: 'nonsense', key: 'nonsense' } });
    await expect(opening).rejects.toMatchObject({ code: 'TLS' });
  });

  it('refuses a header that cannot be sent', async () => {
    const opening = connect({ ...request('wss://127.0.0.1:1/'), headers: { 'X-Bad': 'line\nbreak' } });
    await expect(opening).rejects.toMatchObject({ code: 'PROTOCOL' });
  });

  it('gives up on a closing peer that never answers', async () => {
    const deaf = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    deaf.on('connection', (ws) => ws.pause());
    await once(deaf, 'listening');
    const { port } = deaf.address() as AddressInfo;
    const socket = await connect({ ...request(`ws://127.0.0.1:${port}/`), subprotocols: [] });
    const recorder = new SocketRecorder();
    socket.start(recorder);
    socket.close(1000);
    expect((await recorder.ended()).code).toBe(1006);
    for (const ws of deaf.clients) ws.terminate();
    deaf.close();
    await once(deaf, 'close');
  });
});
