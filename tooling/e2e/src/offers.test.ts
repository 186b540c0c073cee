import { type ActiveCall, AgenTaoClient, events } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import type { TimelineEntry } from '@agentao/switch';
import { type Socket, SocketOpenError } from '@agentao/transport';
import { expect, it } from 'vitest';
import { calleeNumber, openVirtualSwitch } from './virtual-switch.ts';

const clients = 100;
const calls = 1_000;

/** Fails unless the entries of one call say that it had one owner at a time; returns how many it had. */
function ownersOf(entries: readonly TimelineEntry[]): number {
  let owners = 0;
  let owned = false;
  for (const { kind, event } of entries) {
    if (kind === 'attached') {
      expect(owned).toBe(false);
      owned = true;
      owners++;
    } else if (kind === 'event' && event === 'call.terminated') {
      owned = false;
    }
  }
  expect(owned).toBe(false);
  return owners;
}

/** Mulberry32: uniform in [0, 1), the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

it('100 clients that accept, decline, are late and die, and 1,000 calls: each has one owner at a time, and nothing is left', async () => {
  const line = openVirtualSwitch({ latencyMs: 5 });
  const { clock, network, phones, callSwitch, settled, timeline } = line;
  const random = createRandom(4);
  const live = new Map<string, AgenTaoClient>();
  let dead = 0;

  const startClient = (name: string): AgenTaoClient => {
    const maxCalls = 1 + Math.floor(random() * 4);
    const sockets: Socket[] = [];
    const mine = new Set<ActiveCall>();
    let alive = true;
    const client = new AgenTaoClient(line.config({ maxCalls, acceptsTakeover: random() < 0.5 }), {
      clock,
      random,
      transport: async (request) => {
        if (request.url.endsWith('/media')) {
          const chance = random();
          // The client declines, is late, or takes its time.
          if (chance < 0.15) throw new SocketOpenError('UNREACHABLE', 'no way to the switch');
          if (chance < 0.25) await sleep(clock, 2_000 + random() * 100);
          else if (chance < 0.5) await sleep(clock, random() * 1_990);
        }
        if (!alive) throw new SocketOpenError('UNREACHABLE', 'the process is gone');
        const socket = await network.connect(request);
        if (alive) sockets.push(socket);
        else socket.terminate();
        return socket;
      },
    });
    client.on(events.INCOMING_CALL, async (call) => {
      mine.add(call);
      expect(mine.size).toBeLessThanOrEqual(maxCalls);
      void call.ended.then(() => mine.delete(call));
      if (!alive) return call.ended;
      if (!call.takenOver) {
        if (random() < 0.1) return await call.close();
        await call.answer();
      }
      await sleep(clock, random() * 1_500);
      const chance = random();
      if (chance < 0.1) await call.close({ handOver: true });
      else if (chance < 0.9) await call.disconnect();
      else kill();
    });
    const kill = (): void => {
      alive = false;
      dead++;
      live.delete(name);
      for (const socket of sockets) socket.terminate();
      void client.disconnect();
    };
    live.set(name, client);
    void client.connect();
    return client;
  };

  for (let i = 0; i < clients; i++) startClient(`client-${i}`);
  await clock.advance(500);
  for (let i = 0; i < calls; i++) {
    const caller = phones.phone(`+1555${i}`);
    clock.setTimer(clock.now() + random() * 30_000, () => caller.dial(calleeNumber));
    if (random() < 0.1) clock.setTimer(clock.now() + random() * 35_000, () => caller.hangUp());
  }
  // As many come back as die.
  for (let i = 0; i < 30; i++) {
    await clock.advance(1_000);
    for (let n = live.size; n < clients; n++) startClient(`client-${i}-${n}`);
  }
  await clock.advance(45_000);

  const byCall = Map.groupBy(timeline, ({ callId }) => callId);
  const owners = [...byCall.values()].map(ownersOf);
  expect(byCall.size).toBe(calls);
  expect([...byCall.values()].every((entries) => entries.at(-1)?.kind === 'ended')).toBe(true);
  expect(callSwitch.calls).toEqual([]);
  expect(owners.filter((count) => count > 1).length).toBeGreaterThan(50);
  expect(owners.filter((count) => count === 0).length).toBeLessThan(calls / 10);
  expect(timeline.filter(({ kind }) => kind === 'offered').length).toBeGreaterThan(calls);
  expect(dead).toBeGreaterThan(20);
  expect(timeline.filter(({ kind, takenOver }) => kind === 'attached' && takenOver === true).length).toBeGreaterThan(
    20,
  );

  for (const client of live.values()) await settled(client.disconnect());
  await line[Symbol.asyncDispose]();
  await clock.advance(20_000);
  expect([network.connections(), clock.pendingTimers]).toEqual([[], 0]);
}, 120_000);
