import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Offer, OfferSeat } from './offer-router.ts';
import { answered, connectorUuid, createFakeCall, createTestRouter, type FakeCall } from './test-router.ts';

describe('many clients and many calls', () => {
  it('no call is had by two, offered twice or forgotten, no client has more than its maxCalls, and no timer is left', async () => {
    await fc.assert(fc.asyncProperty(fc.integer(), competition), { numRuns: 4 });
  });
});

/** 1,000 calls among 100 clients that accept, accept late, decline, ignore, leave a call or go for good, by chance. */
async function competition(seed: number): Promise<void> {
  const random = createRandom(seed);
  const { clock, router } = createTestRouter();
  const owner = new Map<string, string>();
  const owners = new Map<string, Set<string>>();
  const loads = new Map<string, number>();
  const calls = new Map(Array.from({ length: 1_000 }, (_, i) => [`call-${i}`, createFakeCall(`call-${i}`)]));
  let offersMade = 0;
  let takenOver = 0;

  const later = (ms: number, action: () => void): void => void clock.setTimer(clock.now() + ms, action);
  const end = (call: FakeCall): void => {
    call.ended = true;
    router.withdraw(call.callId, 'caller_gone');
  };
  const add = (clientId: string, change: 1 | -1): number => {
    const load = (loads.get(clientId) ?? 0) + change;
    loads.set(clientId, load);
    return load;
  };

  const have = (call: FakeCall, clientId: string, release: () => void): void => {
    const { callId } = call;
    expect(owner.has(callId)).toBe(false);
    owner.set(callId, clientId);
    owners.set(callId, (owners.get(callId) ?? new Set()).add(clientId));
    if (call.takeover !== undefined) takenOver++;
    later(random() * 20_000, () => {
      owner.delete(callId);
      add(clientId, -1);
      release();
      if (call.ended) return;
      if (random() < 0.5) return end(call);
      // Its agent has gone: the call wants another.
      call.takeover = random() < 0.7 ? answered : call.takeover;
      router.route(call);
    });
  };

  for (let i = 0; i < 100; i++) {
    const maxCalls = 1 + Math.floor(random() * 5);
    const clientId = `client-${i}`;
    const acceptsTakeover = random() < 0.5;
    const offered = (offer: Offer): void => {
      offersMade++;
      const call = calls.get(offer.call.callId) as FakeCall;
      expect(owners.get(call.callId)?.has(clientId) ?? false).toBe(false);
      expect(call.takeover === undefined || acceptsTakeover).toBe(true);
      expect(call.unserved).toBe(0);
      const accept = (): void => {
        const release = offer.accept();
        if (release === undefined) return;
        expect(add(clientId, 1)).toBeLessThanOrEqual(maxCalls);
        have(call, clientId, release);
      };
      const chance = random();
      if (chance < 0.5) later(random() * 2_000, accept);
      else if (chance < 0.6) later(2_000 + random() * 100, accept);
      else if (chance < 0.8) later(random() * 2_500, () => offer.cancel('declined'));
      else if (chance < 0.82) later(random() * 2_500, () => seat.leave());
    };
    const seat: OfferSeat = router.join({ clientId, connectorUuid, maxCalls, acceptsTakeover, offered });
    later(random() * 5_000, () => seat.setReady(true));
    if (random() < 0.5) later(10_000 + random() * 60_000, () => seat.setReady(false));
  }
  for (const call of calls.values()) {
    const arrivalMs = random() * 60_000;
    later(arrivalMs, () => router.route(call));
    if (random() < 0.1) later(arrivalMs + random() * 10_000, () => end(call));
  }
  await clock.advance(600_000);
  expect(offersMade).toBeGreaterThan(1_000);
  expect(takenOver).toBeGreaterThan(20);
  for (const call of calls.values()) {
    expect(call.unserved).toBeLessThanOrEqual(1);
    expect(call.ended || call.unserved === 1, call.callId).toBe(true);
  }
  expect([owner.size, clock.pendingTimers]).toEqual([0, 0]);
}

/** Mulberry32: the same numbers for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
