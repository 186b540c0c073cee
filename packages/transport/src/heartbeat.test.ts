import { setImmediate as immediate } from 'node:timers/promises';
import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { startHeartbeat } from './heartbeat.ts';
import { watchLiveness } from './liveness.ts';
import { createMemoryNetwork, type MemoryConnection } from './memory.ts';
import { SocketRecorder } from './socket-recorder.ts';
import type { Socket } from './socket.ts';

interface Bench {
  readonly clock: VirtualClock;
  readonly client: Socket;
  readonly server: Socket;
  readonly atServer: SocketRecorder;
  readonly connection: MemoryConnection;
}

async function open(): Promise<Bench> {
  const clock = createVirtualClock({ settle: () => immediate() });
  const network = createMemoryNetwork({ clock });
  const atServer = new SocketRecorder();
  const open = (socket: Socket): void => {
    atServer.socket = socket;
    socket.start(atServer);
  };
  network.listen({
    host: 'x',
    onUpgrade: () => ({ accept: true, subprotocol: '', maxMessageBytes: 100, open }),
  });
  const request = { url: 'ws://x', subprotocols: [], maxMessageBytes: 100, openTimeoutMs: 1000 };
  const client = await clock.runUntil(network.connect(request), { maxMs: 1000 });
  client.start(new SocketRecorder());
  const [connection] = network.connections();
  if (connection === undefined || atServer.socket === undefined) throw new Error('nothing is open');
  return { clock, client, server: atServer.socket, atServer, connection };
}

describe('watchLiveness', () => {
  it('calls a peer dead exactly when it has been silent for long enough', async () => {
    const { clock, client, server } = await open();
    const deaths: number[] = [];
    watchLiveness(server, { clock, deadAfterMs: 2000, onDead: () => deaths.push(clock.now()) });
    await clock.advance(1500.25);
    client.send('still here');
    await clock.advance(2000 - 1);
    expect(deaths).toEqual([]);
    await clock.advance(60_000);
    expect(deaths).toEqual([3500.25]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives a peer the benefit of a turn after this process was stalled', async () => {
    const { clock, server } = await open();
    let lastReceivedMs = 0;
    const deaths: number[] = [];
    const socket: Socket = Object.create(server, { lastReceivedMs: { get: () => lastReceivedMs } }) as Socket;
    watchLiveness(socket, { clock, deadAfterMs: 2000, onDead: () => deaths.push(clock.now()) });
    // What waited in the connection is read after the timers of the same turn.
    clock.setTimer(2000, () => {
      lastReceivedMs = 2000;
    });
    await clock.advance(3999);
    expect(deaths).toEqual([]);
    await clock.advance(1);
    expect(deaths).toEqual([4000]);
  });

  it('stops when disposed of', async () => {
    const { clock, server } = await open();
    const watch = watchLiveness(server, { clock, deadAfterMs: 2000, onDead: () => expect.unreachable() });
    watch[Symbol.dispose]();
    await clock.advance(10_000);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('heartbeat', () => {
  it('pings a silent peer once per interval and not a talking one', async () => {
    const { clock, client, server } = await open();
    const pings: number[] = [];
    const ping = (): void => void pings.push(clock.now());
    using stack = new DisposableStack();
    stack.use(startHeartbeat(server, { clock, intervalMs: 500, deadAfterMs: 2000, ping, onDead: () => undefined }));
    for (let count = 0; count < 10; count++) {
      await clock.advance(400);
      client.send('talk');
    }
    expect(pings).toEqual([]);
    await clock.advance(1600);
    expect(pings).toEqual([4500, 5000, 5500]);
  });

  it('keeps a connection alive on which each ping is answered', async () => {
    const { clock, client, server, atServer } = await open();
    const ping = (): void => client.send('pong');
    using stack = new DisposableStack();
    stack.use(startHeartbeat(server, { clock, intervalMs: 5000, ping, onDead: () => expect.unreachable() }));
    await clock.advance(60_000);
    expect(atServer.messages).toHaveLength(12);
  });

  it('finds a half-open peer dead after two intervals and leaves no timer', async () => {
    const { clock, server, connection } = await open();
    let deadAtMs = -1;
    const onDead = (): void => {
      deadAtMs = clock.now();
      server.terminate();
    };
    startHeartbeat(server, { clock, intervalMs: 5000, ping: () => server.send('ping'), onDead });
    connection.halfOpen();
    await clock.advance(60_000);
    expect([deadAtMs, clock.pendingTimers]).toEqual([10_000, 0]);
  });
});
