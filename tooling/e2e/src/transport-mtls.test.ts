import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket as NetSocket } from 'node:net';
import { type Authority, createAuthority, type Identity } from '@agentao-tooling/certs';
import { createSystemClock } from '@agentao/clock';
import type { SocketRequest, SocketServer, SocketTls, UpgradeRequest } from '@agentao/transport';
import { socketContract, type SocketHarness } from '@agentao/transport/testing';
import { createWsConnector, listenWs, type WsListenOptions } from '@agentao/transport/ws';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

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

const shownBy = (identity: Identity, trusted: Authority = authority): SocketTls => ({
  ca: trusted.certificatePem,
  cert: identity.certificatePem,
  key: identity.keyPem,
});

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function listen(options: Partial<WsListenOptions> = {}, identity = server): Promise<SocketServer> {
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

const request = (url: string, tls: SocketTls): SocketRequest => ({
  url,
  subprotocols: [],
  maxMessageBytes: 4096,
  openTimeoutMs: 5000,
  tls,
});

describe('mutual TLS', () => {
  it('lets nobody in without a certificate', async () => {
    const { url } = await listen({ onUpgrade: () => expect.unreachable() });
    const opening = connect(request(url, { ca: authority.certificatePem }));
    await expect(opening).rejects.toMatchObject({ code: 'TLS', cause: expect.any(Error) });
  });

  it('lets nobody in with a certificate of another authority, or one that has expired', async () => {
    const { url } = await listen({ onUpgrade: () => expect.unreachable() });
    const other = await createAuthority('another authority');
    const foreign = await other.issue({ commonName: 'test-client', role: 'client' });
    await expect(connect(request(url, shownBy(foreign)))).rejects.toMatchObject({ code: 'TLS' });
    const notAfter = new Date(Date.now() - hourMs);
    const notBefore = new Date(Date.now() - 2 * hourMs);
    const expired = await authority.issue({ commonName: 'test-client', role: 'client', notBefore, notAfter });
    await expect(connect(request(url, shownBy(expired)))).rejects.toMatchObject({ code: 'TLS' });
  });

  it('reports a certificate that was turned away to the server', async () => {
    const errors: unknown[] = [];
    const { url } = await listen({ onError: (error) => errors.push(error) });
    await expect(connect(request(url, { ca: authority.certificatePem }))).rejects.toMatchObject({ code: 'TLS' });
    expect(errors).toHaveLength(1);
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
