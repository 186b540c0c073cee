import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { ActiveCall } from '@agentao/calls';
import { createSystemClock } from '@agentao/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { LiveEvent } from '../live-model.ts';
import { silentLogger } from '../logger.ts';
import type { LiveSocket } from './live-socket.ts';
import { ResumedSession } from './resumed-session.ts';

/** What a socket takes at once on any machine is less. */
const hugeBytes = 8 * 1024 * 1024;
const tooSlow = 'the network takes audio too slowly; some of it is dropped';
const notAll = 'the model did not get all the caller said';

let server: WebSocketServer;
/** Numbers of the pieces that came, in order. */
let came: number[];
beforeEach(async () => {
  const here: number[] = [];
  came = here;
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.send('{"setupComplete":{}}');
    socket.send('{"sessionResumptionUpdate":{"newHandle":"one","resumable":true}}');
    socket.on('message', (data: Buffer) => here.push(Number.parseInt(data.toString('latin1', 0, 8), 10)));
  });
});
afterEach(() => server.close());

interface Client {
  readonly live: ResumedSession<LiveSocket>;
  readonly events: readonly LiveEvent[];
  readonly warnings: readonly (readonly [string, number | undefined])[];
  /** A piece of 100 ms with this number. */
  sends(index: number): void;
  close(): void;
}

interface ClientOptions {
  /** Bytes of a piece on the wire. */
  readonly bytes?: number;
  /** Before a connection is made, the first being 0. */
  readonly before?: (connection: number) => Promise<void>;
}

/** A conversation over sockets of its own, without an SDK. */
function open({ bytes = 10, before = () => Promise.resolve() }: ClientOptions = {}): Client {
  const { port } = server.address() as AddressInfo;
  const ending = new AbortController();
  const events: LiveEvent[] = [];
  const warnings: (readonly [string, number | undefined])[] = [];
  let connections = 0;
  const live = new ResumedSession<LiveSocket>({
    session: {
      call: { callId: 'one' } as ActiveCall,
      clock: createSystemClock(globalThis),
      logger: {
        ...silentLogger,
        warn: (fields, message) => warnings.push([message, (fields as { readonly droppedMs?: number }).droppedMs]),
      },
      instruction: '',
      tools: [],
      signal: ending.signal,
      onEvent: (event) => events.push(event),
      runTool: () => Promise.resolve({ error: '' }),
    },
    model: 'any',
    setupTimeoutMs: 10_000,
    connect: async (socket) => {
      await before(connections++);
      const { promise, resolve } = Promise.withResolvers<void>();
      const nothing = (): void => {};
      const callbacks = { onopen: nothing, onerror: nothing, onclose: nothing, onmessage: () => resolve() };
      const made = socket.create(`ws://127.0.0.1:${port}`, {}, callbacks) as {
        connect(): void;
        send(text: string): void;
      };
      made.connect();
      await promise;
      return Object.assign(socket, { sendText: (text: string) => made.send(text) });
    },
    sendAudio: (socket, samples) =>
      (socket as LiveSocket & { sendText(text: string): void }).sendText(`${samples[0]}`.padEnd(bytes)),
  });
  return {
    live,
    events,
    warnings,
    sends: (index) => live.sendAudio(new Int16Array(1_600).fill(index)),
    close: () => ending.abort(),
  };
}

const numbers = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);

describe('audio of the caller', () => {
  it('is dropped while the network does not take it, which is said at once, and how much it was when it flows again', async () => {
    const { live, sends, warnings, close } = open({ bytes: hugeBytes });
    await live.open();
    for (const index of numbers(0, 10)) sends(index);
    expect(warnings).toEqual([[tooSlow, undefined]]);
    await expect.poll(() => came).toEqual([0]);
    sends(10);
    expect(warnings).toEqual([
      [tooSlow, undefined],
      [notAll, 900],
    ]);
    sends(11);
    close();
    expect(warnings.slice(2)).toEqual([
      [tooSlow, undefined],
      [notAll, 100],
    ]);
  });

  it('is kept for ten seconds while there is no connection, and what is beyond is said', async () => {
    const gate = Promise.withResolvers<void>();
    const away = Promise.withResolvers<void>();
    const before = async (connection: number): Promise<void> => {
      if (connection === 0) return;
      away.resolve();
      await gate.promise;
    };
    const { live, sends, events, warnings, close } = open({ before });
    await live.open();
    sends(0);
    await expect.poll(() => came).toEqual([0]);
    for (const socket of server.clients) socket.terminate();
    await away.promise;
    for (const index of numbers(1, 131)) sends(index);
    expect(warnings).toEqual([]);
    gate.resolve();
    await expect.poll(() => came.at(-1)).toBe(130);
    expect(came.slice(1)).toEqual(numbers(31, 131));
    expect(warnings).toEqual([[notAll, 3_000]]);
    expect(events).toMatchObject([{ type: 'resumed', why: 'lost' }]);
    close();
  });

  it('that was kept is sent whole, however slowly the network takes it, and what comes meanwhile with it', async () => {
    const gate = Promise.withResolvers<void>();
    const { live, sends, warnings, close } = open({ bytes: hugeBytes, before: () => gate.promise });
    const opening = live.open();
    for (const index of numbers(0, 5)) sends(index);
    gate.resolve();
    await opening;
    sends(5);
    await expect.poll(() => came, { timeout: 10_000 }).toEqual(numbers(0, 6));
    expect(warnings).toEqual([]);
    close();
  });
});
