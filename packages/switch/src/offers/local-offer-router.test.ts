import type { VirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import type { OfferOutcome } from './offer-router.ts';
import { createFakeCall, createTestRouter, type FakeClient, join, joinReady } from './test-router.ts';

describe('who is asked', () => {
  it('is nobody while no client is ready: the call is told, and not from within route', async () => {
    const { clock, router } = createTestRouter();
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
    const { clock, router } = createTestRouter();
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
    const { clock, router } = createTestRouter();
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
    const { clock, router } = createTestRouter();
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
    const { clock, router } = createTestRouter();
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
    const { clock, router } = createTestRouter();
    const client = joinReady(router, 'a');
    router.route(createFakeCall('call'));
    await clock.advance(1_999);
    expect(client.outcomes).toEqual([]);
    await clock.advance(1);
    expect(client.outcomes).toEqual(['expired']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('accepted: a second accept gets nothing, and it neither expires nor can be cancelled', async () => {
    const { clock, router } = createTestRouter();
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
    const { clock, router } = createTestRouter();
    const [a, b] = [joinReady(router, 'a'), joinReady(router, 'b')];
    const call = createFakeCall('call');
    router.route(call);
    await clock.advance(0);
    router.withdraw('call', 'caller_gone');
    await clock.advance(10_000);
    expect([a.outcomes, b.offers, call.unserved]).toEqual([['caller_gone'], [], 0]);
  });

  it('a call that ends before anybody could be asked is offered to nobody', async () => {
    const { clock, router } = createTestRouter();
    const client = joinReady(router, 'a');
    const call = createFakeCall('call');
    router.route(call);
    call.ended = true;
    router.withdraw('call', 'caller_gone');
    await clock.advance(0);
    expect([client.offers, call.unserved]).toEqual([[], 0]);
  });
});
