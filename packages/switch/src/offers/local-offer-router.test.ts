import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../calls/call.ts';
import { createLocalOfferRouter } from './local-offer-router.ts';
import type { Offer, OfferOutcome, OfferRouter, OfferSeat } from './offer-router.ts';

const connectorUuid = 'connector';

function setUp(): { clock: VirtualClock; router: OfferRouter } {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  let offers = 0;
  return { clock, router: createLocalOfferRouter({ clock, createId: () => `offer-${++offers}` }) };
}

/** As much of a call as a router sees. */
function createFakeCall(callId: string): Call & { ended: boolean; unserved: number } {
  const call = { callId, connectorUuid, ended: false, unserved: 0, nobodyReady: () => void call.unserved++ };
  return call as unknown as Call & typeof call;
}

interface FakeClient {
  readonly seat: OfferSeat;
  readonly offers: Offer[];
  readonly outcomes: OfferOutcome[];
}

function join(
  router: OfferRouter,
  clientId: string,
  { maxCalls = Number.POSITIVE_INFINITY, uuid = connectorUuid } = {},
) {
  const offers: Offer[] = [];
  const outcomes: OfferOutcome[] = [];
  const seat = router.join({
    clientId,
    connectorUuid: uuid,
    maxCalls,
    offered: (offer) => {
      offers.push(offer);
      offer.onSettled((outcome) => outcomes.push(outcome));
    },
  });
  const client: FakeClient = { seat, offers, outcomes };
  return client;
}

function joinReady(router: OfferRouter, clientId: string, options: { maxCalls?: number; uuid?: string } = {}) {
  const client = join(router, clientId, options);
  client.seat.setReady(true);
  return client;
}

describe('who is asked', () => {
  it('is nobody while no client is ready: the call is told, and not from within route', async () => {
    const { clock, router } = setUp();
    join(router, 'not-ready');
    const unready = joinReady(router, 'ready-no-more');
    unready.seat.setReady(false);
    joinReady(router, 'elsewhere', { uuid: 'other' });
    joinReady(router, 'gone').seat.leave();
    const call = createFakeCall('call');
    router.route(call);
    expect(call.unserved).toBe(0);
    await clock.advance(0);
    expect(call.unserved).toBe(1);
  });

  it('is the least busy ready client, in turn among equals', async () => {
    const { clock, router } = setUp();
    const clients = ['a', 'b', 'c'].map((id) => joinReady(router, id));
    for (let i = 0; i < 7; i++) router.route(createFakeCall(`call-${i}`));
    await clock.advance(0);
    expect(clients.map(({ offers }) => offers.map(({ call }) => call.callId))).toEqual([
      ['call-0', 'call-3', 'call-6'],
      ['call-1', 'call-4'],
      ['call-2', 'call-5'],
    ]);
  });

  it('is no client at its maxCalls until one of its calls is over', async () => {
    const { clock, router } = setUp();
    const client = joinReady(router, 'a', { maxCalls: 1 });
    router.route(createFakeCall('first'));
    await clock.advance(0);
    const release = client.offers[0]?.accept();
    const second = createFakeCall('second');
    router.route(second);
    await clock.advance(0);
    expect(second.unserved).toBe(1);
    release?.();
    release?.();
    router.route(createFakeCall('third'));
    router.route(createFakeCall('fourth'));
    await clock.advance(0);
    expect(client.offers.map(({ call }) => call.callId)).toEqual(['first', 'third']);
  });

  it('is each client at most once for a call, also when the call comes back after a decline in PENDING', async () => {
    const { clock, router } = setUp();
    const [a, b] = [joinReady(router, 'a'), joinReady(router, 'b')];
    const call = createFakeCall('call');
    router.route(call);
    await clock.advance(0);
    a.offers[0]?.accept()?.();
    router.route(call);
    await clock.advance(0);
    b.offers[0]?.accept()?.();
    router.route(call);
    await clock.advance(0);
    expect([a.offers.length, b.offers.length, call.unserved]).toEqual([1, 1, 1]);
  });
});

describe('how an offer ends', () => {
  it.each<[OfferOutcome, (client: FakeClient, clock: VirtualClock) => unknown]>([
    ['declined', ({ offers }) => offers[0]?.cancel('declined')],
    ['expired', (_, clock) => clock.advance(2_000)],
    ['expired', ({ seat }) => seat.leave()],
  ])('%s: the next client is asked at once and the offer can no longer be accepted', async (outcome, end) => {
    const { clock, router } = setUp();
    const [a, b] = [joinReady(router, 'a'), joinReady(router, 'b')];
    router.route(createFakeCall('call'));
    await clock.advance(0);
    expect([a.offers.length, b.offers.length]).toEqual([1, 0]);
    await end(a, clock);
    expect(a.outcomes).toEqual([outcome]);
    expect(b.offers.length).toBe(1);
    expect(a.offers[0]?.accept()).toBeUndefined();
    expect(b.offers[0]?.accept()).toBeDefined();
  });

  it('stands until its very deadline', async () => {
    const { clock, router } = setUp();
    const client = joinReady(router, 'a');
    router.route(createFakeCall('call'));
    await clock.advance(1_999);
    expect(client.outcomes).toEqual([]);
    await clock.advance(1);
    expect(client.outcomes).toEqual(['expired']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('accepted: a second accept gets nothing, and it neither expires nor can be cancelled', async () => {
    const { clock, router } = setUp();
    const [a, b] = [joinReady(router, 'a'), joinReady(router, 'b')];
    router.route(createFakeCall('call'));
    await clock.advance(0);
    const [offer] = a.offers;
    expect(offer?.accept()).toBeDefined();
    expect(offer?.accept()).toBeUndefined();
    offer?.cancel('declined');
    a.seat.leave();
    await clock.advance(10_000);
    expect(a.outcomes).toEqual(['accepted']);
    expect(b.offers).toEqual([]);
  });

  it('withdrawn: nobody else is asked and the call is not told', async () => {
    const { clock, router } = setUp();
    const [a, b] = [joinReady(router, 'a'), joinReady(router, 'b')];
    const call = createFakeCall('call');
    router.route(call);
    await clock.advance(0);
    router.withdraw('call', 'caller_gone');
    await clock.advance(10_000);
    expect([a.outcomes, b.offers, call.unserved]).toEqual([['caller_gone'], [], 0]);
  });

  it('a call that ends before anybody could be asked is offered to nobody', async () => {
    const { clock, router } = setUp();
    const client = joinReady(router, 'a');
    const call = createFakeCall('call');
    router.route(call);
    call.ended = true;
    router.withdraw('call', 'caller_gone');
    await clock.advance(0);
    expect([client.offers, call.unserved]).toEqual([[], 0]);
  });
});

describe('many clients and many calls', () => {
  it('no call is accepted twice, asked for twice or forgotten, and no client has more than its maxCalls', async () => {
    await fc.assert(fc.asyncProperty(fc.integer(), competition), { numRuns: 4 });
  });
});

/** 1,000 calls among 100 clients that accept, accept late, decline, ignore or leave, by chance. */
async function competition(seed: number): Promise<void> {
  const random = createRandom(seed);
  const { clock, router } = setUp();
  const accepted = new Map<string, string>();
  const askedBy = new Map<string, Set<string>>();
  const loads = new Map<string, number>();
  let offersMade = 0;

  const offered = (offer: Offer, clientId: string, seat: () => OfferSeat, maxCalls: number): void => {
    offersMade++;
    const { callId } = offer.call;
    const asked = askedBy.get(callId) ?? new Set();
    expect(asked.has(clientId)).toBe(false);
    askedBy.set(callId, asked.add(clientId));
    const accept = (): void => {
      const release = offer.accept();
      if (release === undefined) return;
      expect(accepted.has(callId)).toBe(false);
      accepted.set(callId, clientId);
      const load = (loads.get(clientId) ?? 0) + 1;
      expect(load).toBeLessThanOrEqual(maxCalls);
      loads.set(clientId, load);
      clock.setTimer(clock.now() + random() * 20_000, () => {
        loads.set(clientId, (loads.get(clientId) ?? 0) - 1);
        release();
      });
    };
    const chance = random();
    if (chance < 0.4) clock.setTimer(clock.now() + random() * 2_000, accept);
    else if (chance < 0.55) clock.setTimer(clock.now() + 2_000 + random() * 100, accept);
    else if (chance < 0.75) clock.setTimer(clock.now() + random() * 2_500, () => offer.cancel('declined'));
    else if (chance < 0.8) clock.setTimer(clock.now() + random() * 2_500, () => seat().leave());
  };

  for (let i = 0; i < 100; i++) {
    const maxCalls = 1 + Math.floor(random() * 5);
    const clientId = `client-${i}`;
    const seat: OfferSeat = router.join({
      clientId,
      connectorUuid,
      maxCalls,
      offered: (offer) => offered(offer, clientId, () => seat, maxCalls),
    });
    seat.setReady(true);
  }
  const calls = Array.from({ length: 1_000 }, (_, i) => createFakeCall(`call-${i}`));
  for (const call of calls) {
    clock.setTimer(random() * 60_000, () => router.route(call));
    if (random() < 0.1) {
      clock.setTimer(60_000 + random() * 2_000, () => {
        call.ended = true;
        router.withdraw(call.callId, 'caller_gone');
      });
    }
  }
  await clock.advance(600_000);
  expect(offersMade).toBeGreaterThan(500);
  expect(accepted.size).toBeGreaterThan(50);
  for (const call of calls) {
    const served = accepted.has(call.callId) ? 1 : 0;
    expect(call.unserved).toBeLessThanOrEqual(1 - served);
    if (!call.ended) expect(served + call.unserved).toBe(1);
  }
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
