import { setImmediate as immediate } from 'node:timers/promises';
import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { createMemoryNetwork, type MemoryConnection, type MemoryNetwork } from './memory.ts';
import { ListenError } from './listen-error.ts';
import { socketContract, type SocketHarness } from './socket-contract.ts';
import { SocketRecorder } from './socket-recorder.ts';
import type { Socket, SocketRequest } from './socket.ts';

function createHarness(latencyMs: number): SocketHarness {
  const clock = createVirtualClock({ settle: () => immediate() });
  const network = createMemoryNetwork({ clock, latencyMs });
  let hosts = 0;
  return {
    connect: (request) => {
      const answered = !request.url.includes('silent.memory');
      return answered ? network.connect(request) : createMemoryNetwork({ clock, latencyMs: 1e6 }).connect(request);
    },
    listen: ({ onUpgrade, url }) => {
      const host = url === undefined ? `host-${hosts++}.memory` : new URL(url).host;
      return Promise.resolve(network.listen({ host, onUpgrade }));
    },
    listenSilently: () => Promise.resolve({ url: 'ws://silent.memory', close: () => Promise.resolve() }),
    drive: (promise) => clock.runUntil(promise, { maxMs: 60_000 }),
  };
}

for (const latencyMs of [0, 35]) {
  describe(`memory socket with ${latencyMs} ms of latency`, () => {
    it.each(socketContract)('$name', async ({ run }) => {
      await expect(run(createHarness(latencyMs))).resolves.toBeUndefined();
    });
  });
}

interface Bench {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly connection: MemoryConnection;
  readonly client: Socket;
  readonly server: Socket;
  readonly atClient: SocketRecorder;
  readonly atServer: SocketRecorder;
}

const request: SocketRequest = {
  url: 'ws://switch.memory/media',
  subprotocols: [],
  maxMessageBytes: 4096,
  openTimeoutMs: 1000,
};

async function open(latencyMs = 0): Promise<Bench> {
  const clock = createVirtualClock({ settle: () => immediate() });
  const network = createMemoryNetwork({ clock, latencyMs });
  const atServer = new SocketRecorder();
  network.listen({
    host: 'switch.memory',
    onUpgrade: () => ({
      accept: true,
      subprotocol: '',
      maxMessageBytes: 4096,
      open: (socket) => {
        atServer.socket = socket;
        socket.start(atServer);
      },
    }),
  });
  const client = await clock.runUntil(network.connect(request), { maxMs: 1000 });
  const atClient = new SocketRecorder();
  client.start(atClient);
  const [connection] = network.connections();
  if (connection === undefined || atServer.socket === undefined) throw new Error('nothing is open');
  return { clock, network, connection, client, server: atServer.socket, atClient, atServer };
}

describe('memory network', () => {
  it('delivers after its latency, and in a microtask without one', async () => {
    const { clock, client, connection, atServer } = await open();
    client.send('at once');
    await Promise.resolve();
    expect(atServer.messages).toEqual(['at once']);
    connection.setLatency(40);
    client.send('later');
    await clock.advance(39);
    expect(atServer.messages).toHaveLength(1);
    await clock.advance(1);
    expect(atServer.messages).toEqual(['at once', 'later']);
  });

  it('keeps the order when the latency falls', async () => {
    const { clock, client, connection, atServer } = await open(50);
    client.send('first');
    connection.setLatency(0);
    client.send('second');
    await clock.advance(49);
    expect(atServer.messages).toEqual([]);
    await clock.advance(1);
    expect(atServer.messages).toEqual(['first', 'second']);
  });

  it('hands over what the buffer holds on arrival, so that a sender who reuses it is found out', async () => {
    const { clock, client, atServer } = await open();
    const reused = Uint8Array.of(1);
    client.send(reused);
    reused[0] = 2;
    await clock.advance(0);
    expect(atServer.messages).toEqual([Uint8Array.of(2)]);
  });

  it('cuts a line: both ends see 1006 and what was on its way is lost', async () => {
    const { clock, network, client, connection, atClient, atServer } = await open(10);
    client.send('lost');
    connection.cut();
    await clock.advance(100);
    expect([atClient.closes, atServer.closes]).toEqual([[{ code: 1006, reason: '' }], [{ code: 1006, reason: '' }]]);
    expect(atServer.messages).toEqual([]);
    expect(network.connections()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    { bytes: 0, arrived: [] },
    { bytes: 3, arrived: [] },
    { bytes: 4, arrived: ['ab\u00e9'] },
    { bytes: 103, arrived: ['ab\u00e9'] },
    { bytes: 104, arrived: ['ab\u00e9', new Uint8Array(100)] },
    { bytes: 105, arrived: ['ab\u00e9', new Uint8Array(100)] },
  ])('cuts a line after $bytes bytes: what does not fit whole is lost, the other way flows until then', async (cut) => {
    const { clock, network, client, server, connection, atClient, atServer } = await open(10);
    connection.cutAfter('toServer', cut.bytes);
    server.send('other way');
    client.send('ab\u00e9');
    client.send(new Uint8Array(100));
    client.send('last');
    await clock.advance(100);
    expect(atServer.messages).toEqual(cut.arrived);
    expect(atClient.messages).toEqual(cut.bytes === 0 ? [] : ['other way']);
    const lost = [{ code: 1006, reason: '' }];
    expect([atClient.closes, atServer.closes, network.connections()]).toEqual([lost, lost, []]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('cuts a line within a close frame', async () => {
    const { clock, client, connection, atClient, atServer } = await open(10);
    connection.cutAfter('toServer', 5);
    client.close(1000, 'goodbye');
    await clock.advance(100);
    expect([atClient.closes, atServer.closes]).toEqual([[{ code: 1006, reason: '' }], [{ code: 1006, reason: '' }]]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not cut a line that carries less, and takes the newest number', async () => {
    const { clock, client, connection, atServer } = await open();
    expect(() => connection.cutAfter('toServer', -1)).toThrow(RangeError);
    expect(() => connection.cutAfter('toServer', 0.5)).toThrow(RangeError);
    connection.cutAfter('toServer', 2);
    connection.cutAfter('toServer', 6);
    client.send('first');
    await clock.advance(100);
    expect([atServer.messages, atServer.closes]).toEqual([['first'], []]);
    client.send('x');
    await clock.advance(0);
    expect([atServer.messages, atServer.closes]).toEqual([['first', 'x'], [{ code: 1006, reason: '' }]]);
  });

  it('leaves no timer after a close', async () => {
    const { clock, client, atServer } = await open(10);
    client.close(1000);
    await clock.advance(20);
    expect(atServer.closes).toEqual([{ code: 1000, reason: '' }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('stalls one direction, counts what is held up, and delivers it in order afterwards', async () => {
    const { clock, client, server, connection, atClient, atServer } = await open();
    connection.stall('toServer');
    client.send('ab');
    client.send(new Uint8Array(98));
    server.send('other way');
    await clock.advance(1000);
    expect(atServer.messages).toEqual([]);
    expect(atClient.messages).toEqual(['other way']);
    expect([client.bufferedBytes, server.bufferedBytes]).toEqual([100, 0]);
    connection.resume();
    await clock.advance(0);
    expect(atServer.messages).toEqual(['ab', new Uint8Array(98)]);
    expect(client.bufferedBytes).toBe(0);
  });

  it('goes half open: no message, no close and no end comes through, on either side', async () => {
    const { clock, network, client, server, connection, atClient, atServer } = await open();
    const heardMs = server.lastReceivedMs;
    connection.halfOpen();
    client.send('void');
    server.send('void');
    await clock.advance(1000);
    client.close(1000);
    await clock.advance(10_000);
    expect(atClient.closes).toEqual([{ code: 1006, reason: '' }]);
    expect(atServer.closes).toEqual([]);
    expect([atServer.messages, server.lastReceivedMs]).toEqual([[], heardMs]);
    expect(network.connections()).toHaveLength(1);
    server.terminate();
    await clock.advance(0);
    expect(network.connections()).toEqual([]);
  });

  it('takes a certificate shown over wss as verified, and none over ws', async () => {
    const clock = createVirtualClock({ settle: () => immediate() });
    const network = createMemoryNetwork({ clock });
    const seen: unknown[] = [];
    network.listen({
      host: 'switch.memory',
      onUpgrade: ({ clientCertificate }) => {
        seen.push(clientCertificate);
        return { accept: false, status: 401, code: 'NO', message: 'no' };
      },
    });
    for (const scheme of ['ws', 'wss']) {
      const url = `${scheme}://switch.memory/`;
      const opening = network.connect({ ...request, url, tls: { cert: 'PEM' } });
      await expect(clock.runUntil(opening, { maxMs: 1000 })).rejects.toMatchObject({ code: 'REFUSED' });
    }
    expect(seen).toEqual([undefined, 'PEM']);
  });

  it('answers plain requests', () => {
    const clock = createVirtualClock({ settle: () => immediate() });
    const network = createMemoryNetwork({ clock });
    network.listen({
      host: 'switch.memory',
      onUpgrade: () => ({ accept: false, status: 400, code: 'NO', message: 'no' }),
      onRequest: ({ method, path, query }) =>
        path === '/health' ? { status: 200, body: `${method} ${query}` } : undefined,
    });
    expect(network.request('ws://switch.memory/health?a=1')).toEqual({ status: 200, body: 'GET a=1' });
    expect(network.request('ws://switch.memory/other')?.status).toBe(404);
    expect(network.request('ws://elsewhere.memory/health')).toBeUndefined();
  });

  it('hands a plain request its method and headers, by lower-case name, with the host unless it is given one', () => {
    const clock = createVirtualClock({ settle: () => immediate() });
    const network = createMemoryNetwork({ clock });
    network.listen({
      host: 'switch.memory',
      onUpgrade: () => ({ accept: false, status: 400, code: 'NO', message: 'no' }),
      onRequest: ({ method, headers }) => ({
        status: 204,
        headers: { 'x-seen': [...headers].map((pair) => pair.join('=')).join(' ') },
        body: method,
      }),
    });
    const url = 'http://switch.memory/';
    expect(network.request(url, { method: 'POST', headers: { Cookie: 'a=b', ORIGIN: 'x' } })).toEqual({
      status: 204,
      headers: { 'x-seen': 'host=switch.memory cookie=a=b origin=x' },
      body: 'POST',
    });
    expect(network.request(url, { headers: { Host: 'other' } })?.headers).toEqual({ 'x-seen': 'host=other' });
  });

  it('gives a host to one listener at a time', () => {
    const clock = createVirtualClock({ settle: () => immediate() });
    const network = createMemoryNetwork({ clock });
    const onUpgrade = () => ({ accept: false, status: 400, code: 'NO', message: 'no' }) as const;
    network.listen({ host: 'switch.memory', onUpgrade });
    expect(() => network.listen({ host: 'switch.memory', onUpgrade })).toThrow(ListenError);
  });
});
