import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import type { AnyMessage, CloseCodeName } from '@agentao/protocol';
import type { Socket } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { keepAlive } from './keep-alive.ts';
import type { Peer } from './peer.ts';

function setUp(quietMs: number) {
  const clock: VirtualClock = createVirtualClock({ settle: () => Promise.resolve() });
  const heard = { lastReceivedMs: 0 };
  const pingsAtMs: number[] = [];
  const closes: CloseCodeName[] = [];
  let lastId = 0;
  const peer = {
    socket: heard as Socket,
    send: (message: AnyMessage) => {
      if (message.type !== 'ping') return;
      pingsAtMs.push(clock.now());
      lastId = message.id;
    },
    close: (name: CloseCodeName) => closes.push(name),
  } as unknown as Peer;
  const alive = keepAlive(peer, { clock, everyMs: 500, quietMs, deadMs: 2_000 });
  const hear = (): void => {
    heard.lastReceivedMs = clock.now();
  };
  return { clock, alive, pingsAtMs, closes, hear, lastId: () => lastId };
}

describe('keepAlive', () => {
  it('pings a quiet peer at its interval and closes it when it is dead', async () => {
    const { clock, alive, pingsAtMs, closes } = setUp(500);
    await clock.advance(1_999);
    expect([pingsAtMs, closes]).toEqual([[500, 1_000, 1_500], []]);
    await clock.advance(1);
    expect(closes).toEqual(['LIVENESS_LOST']);
    alive.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves a peer alone that speaks by itself', async () => {
    const { clock, pingsAtMs, closes, hear } = setUp(500);
    for (let i = 0; i < 50; i++) {
      await clock.advance(100);
      hear();
    }
    expect([pingsAtMs, closes]).toEqual([[], []]);
  });

  it('pings such a peer too where it is told to', async () => {
    const { clock, pingsAtMs, hear } = setUp(0);
    for (let i = 0; i < 15; i++) {
      await clock.advance(100);
      hear();
    }
    expect(pingsAtMs).toEqual([500, 1_000, 1_500]);
  });

  it('measures the round trip by the pong of its last ping', async () => {
    const { clock, alive, hear, lastId } = setUp(500);
    await clock.advance(500);
    expect(alive.roundTripMs).toBeUndefined();
    await clock.advance(40);
    hear();
    alive.pong(lastId() + 1);
    expect(alive.roundTripMs).toBeUndefined();
    alive.pong(lastId());
    expect(alive.roundTripMs).toBe(40);
  });
});
