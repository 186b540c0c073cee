import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect as connectTcp, createServer, type AddressInfo, type Socket as NetSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Authority, createAuthority, type Identity } from '@agentao-tooling/certs';
import { createSystemClock } from '@agentao/clock';
import type {
  HttpHandler,
  SocketOpenError,
  SocketRequest,
  SocketTls,
  UpgradeDecision,
  UpgradeHandler,
  UpgradeRequest,
} from '@agentao/transport';
import { socketContract, type SocketHarness, SocketRecorder } from '@agentao/transport/testing';
import {
  createWsConnector,
  listenWs,
  type WsListenOptions,
  type WsServer,
  type WsServerTls,
} from '@agentao/transport/ws';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

const clock = createSystemClock(globalThis);
const closeTimeoutMs = 100;
const connect = createWsConnector({ clock, closeTimeoutMs });
const hourMs = 3_600_000;

let authority: Authority;
let server: Identity;
let client: Identity;

beforeAll(async () => {
  authority = await createAuthority();
  [server, client] = await Promise.all([
    authority.issue({ commonName: 'localhost', role: 'server' }),
    authority.issue({ commonName: 'test-client', role: 'client' }),
  ]);
});

/** A life of one hour. */
const lifeFrom = (offsetMs: number): { readonly notBefore: Date; readonly notAfter: Date } => ({
  notBefore: new Date(Date.now() + offsetMs),
  notAfter: new Date(Date.now() + offsetMs + hourMs),
});

const shownBy = (identity: Identity, trusted: Authority = authority): SocketTls => ({
  ca: trusted.certificatePem,
  cert: identity.certificatePem,
  key: identity.keyPem,
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function listen(options: Partial<WsListenOptions> = {}, identity = server): Promise<WsServer> {
  const listening = await listenWs({
    clock,
    port: 0,
    closeTimeoutMs,
    tls: { cert: identity.certificatePem, key: identity.keyPem, clientCa: authority.certificatePem },
    onUpgrade: () => ({ accept: false, status: 418, code: 'REACHED', message: 'the handshake went through' }),
    ...options,
  });
  closing.push(() => listening.close());
  return listening;
}

async function listenSilently(): ReturnType<SocketHarness['listenSilently']> {
  const sockets = new Set<NetSocket>();
  const silent = createServer((socket) => sockets.add(socket));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  return {
    url: `wss://127.0.0.1:${(silent.address() as AddressInfo).port}/`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      silent.close();
      await once(silent, 'close');
    },
  };
}

describe('ws socket over mutual TLS', () => {
  it.each(socketContract)('$name', async ({ run }) => {
    const harness: SocketHarness = {
      connect,
      tls: shownBy(client),
      listen: ({ onUpgrade, url }) => listen({ onUpgrade, port: url === undefined ? 0 : Number(new URL(url).port) }),
      listenSilently,
      drive: (promise) => promise,
    };
    await expect(run(harness)).resolves.toBeUndefined();
  });
});

/** A page over HTTPS. */
async function getPage(url: string, tls: SocketTls): Promise<{ readonly status: number; readonly body: string }> {
  const asked = httpsGet(url, { ...tls, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
}

const upgrade =
  'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

/** What comes back for bytes sent over raw TLS, an upgrade by default, with the session of an earlier connection if there is one. */
async function askRaw(
  url: string,
  tls: SocketTls,
  { session, bytes = upgrade }: { readonly session?: Buffer | undefined; readonly bytes?: string } = {},
): Promise<{ readonly answer: string; readonly session: Buffer | undefined; readonly resumed: boolean }> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    ...tls,
    ...(session && { session }),
  });
  let latest: Buffer | undefined;
  let answer = '';
  let resumed = false;
  socket.on('secureConnect', () => {
    resumed = socket.isSessionReused();
  });
  socket.on('session', (next: Buffer) => {
    latest = next;
  });
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return { answer, session: latest, resumed };
}

/** The name on the certificate that a server shows now. */
async function nameShownBy(url: string): Promise<unknown> {
  const port = Number(new URL(url).port);
  const socket = connectTls({ host: '127.0.0.1', port, ...shownBy(client), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

const request = (url: string, tls: SocketTls): SocketRequest => ({
  url,
  subprotocols: [],
  maxMessageBytes: 4096,
  openTimeoutMs: 5000,
  tls,
});

describe('mutual TLS', () => {
  /** The shown certificate, and what the refusal says of it. */
  const refused: [what: string, shown: () => Promise<Partial<Identity>>, message: string][] = [
    ['none', () => Promise.resolve({}), 'a client certificate is needed, and none was sent'],
    [
      'one of another authority',
      async () => (await createAuthority('another authority')).issue({ commonName: 'test-client', role: 'client' }),
      'the client certificate is of an unknown authority',
    ],
    [
      'one that has expired',
      () => authority.issue({ commonName: 'test-client', role: 'client', ...lifeFrom(-2 * hourMs) }),
      'the client certificate has expired',
    ],
    [
      'one that is not valid yet',
      () => authority.issue({ commonName: 'test-client', role: 'client', ...lifeFrom(hourMs) }),
      'the client certificate is not valid yet',
    ],
    [
      'one that was made for servers',
      () => authority.issue({ commonName: 'test-client', role: 'server' }),
      'the client certificate is not made for this side of a connection',
    ],
  ];
  it.each(refused)(
    'lets nobody in who shows %s, and says so in a refusal that nothing else sees',
    async (_, shown, message) => {
      const errors: unknown[] = [];
      const seen = vi.fn<UpgradeHandler>(() => ({ accept: false, status: 418, code: 'REACHED', message: '' }));
      const answered = vi.fn<HttpHandler>(() => undefined);
      const onError = (error: unknown): number => errors.push(error);
      const { url } = await listen({ onUpgrade: seen, onRequest: answered, onError });
      const { certificatePem: cert, keyPem: key } = await shown();
      const tls = {
        ca: authority.certificatePem,
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      };
      const error = await connect(request(url, tls)).catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'REFUSED', status: 401 });
      expect(JSON.parse((error as SocketOpenError).body ?? '')).toEqual({ code: 'UNAUTHENTICATED', message });
      const page = await getPage(`${url.replace('wss:', 'https:')}/healthz`, tls);
      expect(page.status).toBe(401);
      expect(JSON.parse(page.body)).toEqual({ code: 'UNAUTHENTICATED', message });
      expect(seen).not.toHaveBeenCalled();
      expect(answered).not.toHaveBeenCalled();
      expect(errors).toHaveLength(2);
    },
  );

  const strange: [what: string, bytes: string][] = [
    ['several requests at once', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3)],
    ['an upgrade with frames behind it', `${upgrade}\x81\x85\0\0\0\0hello`],
    ['a request and then an upgrade', `GET / HTTP/1.1\r\nHost: x\r\n\r\n${upgrade}`],
    ['a tunnel', 'CONNECT switch:443 HTTP/1.1\r\nHost: x\r\n\r\nhello'],
    [
      'a body that waits to be asked for',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n',
    ],
    ['an expectation of another kind', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n'],
    ['no HTTP', 'hello\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ];
  it.each(strange)('hands nothing on of a stranger who sends %s, and stays there for others', async (_, bytes) => {
    const seen = vi.fn<UpgradeHandler>(() => ({ accept: false, status: 418, code: 'REACHED', message: '' }));
    const answered = vi.fn<HttpHandler>(() => ({ status: 200, body: 'REACHED' }));
    const { url } = await listen({ onUpgrade: seen, onRequest: answered });
    const { answer } = await askRaw(url, { ca: authority.certificatePem }, { bytes });
    expect(answer).not.toContain('REACHED');
    expect(seen).not.toHaveBeenCalled();
    expect(answered).not.toHaveBeenCalled();
    await expect(connect(request(url, shownBy(client)))).rejects.toMatchObject({ status: 418 });
  });

  it('resumes no session: what was good once has to be shown again', async () => {
    const seen: (string | undefined)[] = [];
    const { url } = await listen({
      onUpgrade: ({ clientCertificate }) => {
        seen.push(clientCertificate);
        return { accept: false, status: 418, code: 'REACHED', message: '' };
      },
    });
    const first = await askRaw(url, shownBy(client));
    expect(first.answer).toContain('418');
    const second = await askRaw(url, { ca: authority.certificatePem }, { session: first.session });
    expect(second.resumed).toBe(false);
    expect(second.answer).toContain('401');
    expect(seen).toHaveLength(1);
  });

  it('trusts no server of another authority, of another name, or one that has expired', async () => {
    const { url } = await listen();
    const other = await createAuthority('another authority');
    await expect(connect(request(url, shownBy(client, other)))).rejects.toMatchObject({ code: 'TLS' });
    const hosts = ['elsewhere.example'];
    const renamed = await listen({}, await authority.issue({ commonName: 'elsewhere', role: 'server', hosts }));
    await expect(connect(request(renamed.url, shownBy(client)))).rejects.toMatchObject({
      code: 'TLS',
      message: expect.stringContaining('127.0.0.1'),
    });
    const notAfter = new Date(Date.now() - hourMs);
    const notBefore = new Date(Date.now() - 2 * hourMs);
    const old = await listen(
      {},
      await authority.issue({ commonName: 'localhost', role: 'server', notBefore, notAfter }),
    );
    await expect(connect(request(old.url, shownBy(client)))).rejects.toMatchObject({
      code: 'TLS',
      message: expect.stringContaining('expired'),
    });
  });

  it('shows the server who the client is', async () => {
    const seen: UpgradeRequest[] = [];
    const { url } = await listen({
      onUpgrade: (asked) => {
        seen.push(asked);
        return { accept: false, status: 418, code: 'REACHED', message: 'seen' };
      },
    });
    await expect(connect(request(url, shownBy(client)))).rejects.toMatchObject({ code: 'REFUSED', status: 418 });
    expect(seen[0]?.clientCertificate?.trim()).toBe(client.certificatePem.trim());
  });

  it('does not talk to a client without TLS', async () => {
    const { url } = await listen();
    const plain = { ...request(url.replace('wss:', 'ws:'), {}), tls: {} };
    await expect(connect(plain)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });

  it('ends a stranger who never begins the TLS handshake, and does not wait for one when it closes', async () => {
    const patient = await listen();
    const hasty = await listen({ handshakeTimeoutMs: 50 });
    const strangers = [patient, hasty].map(({ url }) => {
      const stranger = connectTcp(Number(new URL(url).port), '127.0.0.1');
      stranger.on('error', () => undefined);
      return stranger;
    });
    const ends = strangers.map((stranger) => new Promise((resolve) => stranger.once('close', resolve)));
    await ends[1];
    await patient.close();
    await expect(ends[0]).resolves.toBeDefined();
  });

  it('serves TLS without asking for client certificates if no authority is given', async () => {
    const tls = { cert: server.certificatePem, key: server.keyPem };
    const { url } = await listen({ tls });
    const opening = connect(request(url, { ca: authority.certificatePem }));
    await expect(opening).rejects.toMatchObject({ code: 'REFUSED', status: 418 });
  });

  it('says what is wrong with a server certificate that cannot be used', async () => {
    const tls = { cert: server.certificatePem, key: client.keyPem };
    await expect(listen({ tls })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining('belong together'),
    });
  });
});

describe('replacing the certificate of a server', () => {
  const accepting = (recorder: SocketRecorder) => (): UpgradeDecision => ({
    accept: true,
    subprotocol: '',
    maxMessageBytes: 4096,
    open: (socket) => {
      recorder.socket = socket;
      socket.start(recorder);
    },
  });
  const tlsOf = (identity: Identity, trusted: Authority = authority): WsServerTls => ({
    cert: identity.certificatePem,
    key: identity.keyPem,
    clientCa: trusted.certificatePem,
  });

  it('shows the new one to new connections, and running ones go on', async () => {
    const atServer = new SocketRecorder();
    const listening = await listen({ onUpgrade: accepting(atServer) });
    const atClient = new SocketRecorder();
    const running = await connect(request(listening.url, shownBy(client)));
    running.start(atClient);
    expect(await nameShownBy(listening.url)).toBe('localhost');
    listening.setTls(tlsOf(await authority.issue({ commonName: 'renewed', role: 'server' })));
    expect(await nameShownBy(listening.url)).toBe('renewed');
    running.send('still here');
    await atServer.received(1);
    atServer.socket?.send('so am I');
    await atClient.received(1);
    const next = await connect(request(listening.url, shownBy(client)));
    next.terminate();
    running.terminate();
  });

  it('takes the new authority for clients, and the old one no longer', async () => {
    const listening = await listen();
    const other = await createAuthority('another authority');
    const theirs = await other.issue({ commonName: 'test-client', role: 'client' });
    listening.setTls(tlsOf(server, other));
    const tls = { ...shownBy(theirs), ca: authority.certificatePem };
    await expect(connect(request(listening.url, tls))).rejects.toMatchObject({ status: 418 });
    await expect(connect(request(listening.url, shownBy(client)))).rejects.toMatchObject({ status: 401 });
    const resumed = await askRaw(listening.url, shownBy(client));
    expect(resumed.answer).toContain('401');
  });

  it('changes nothing where the pair is not usable, or TLS or client certificates would be turned on or off', async () => {
    const listening = await listen();
    const { cert, key, clientCa } = tlsOf(server);
    const bad: WsServerTls[] = [
      { cert, key: client.keyPem, clientCa: clientCa ?? '' },
      { cert: 'no PEM', key, clientCa: clientCa ?? '' },
      { cert, key },
    ];
    for (const tls of bad) {
      expect(() => listening.setTls(tls)).toThrow(expect.objectContaining({ code: 'LISTEN_FAILED' }));
    }
    expect(await nameShownBy(listening.url)).toBe('localhost');
    await expect(connect(request(listening.url, shownBy(client)))).rejects.toMatchObject({ status: 418 });
    await expect(connect(request(listening.url, { ca: authority.certificatePem }))).rejects.toMatchObject({
      status: 401,
    });

    const open = await listen({ tls: { cert, key } });
    expect(() => open.setTls(tlsOf(server))).toThrow(/turns neither/);
    const plain = await listenWs({ clock, port: 0, onUpgrade: () => expect.unreachable() });
    closing.push(() => plain.close());
    expect(() => plain.setTls({ cert, key })).toThrow(/turns neither/);
  });
});
