import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { OfferRouter } from './offer-router.ts';
import { answered, createFakeCall, createTestRouter, type FakeClient, join, joinReady } from './test-router.ts';

describe('a call that is to be taken over', () => {
  it('is offered to clients that accept that, and to no others', async () => {
    const { clock, router } = createTestRouter();
    const [plain, heir] = [joinReady(router, 'plain'), joinReady(router, 'heir', { acceptsTakeover: true })];
    router.route(createFakeCall('call', answered));
    await clock.advance(0);
    expect([plain.offers.length, heir.offers.length]).toEqual([0, 1]);
  });

  it.each<[string, (router: OfferRouter) => FakeClient, (client: FakeClient) => void]>([
    ['becomes ready', (router) => join(router, 'heir', { acceptsTakeover: true }), ({ seat }) => seat.setReady(true)],
    ['joins', (router) => joinReady(router, 'other'), ({ seat }) => seat.leave()],
  ])('waits for one that %s, to the end of its window', async (how, before, act) => {
    const { clock, router } = createTestRouter();
    let client = before(router);
    const call = createFakeCall('call', answered);
    router.route(call);
    await clock.advance(limits.takeoverWindowMs - 1);
    expect([client.offers, call.unserved]).toEqual([[], 0]);
    act(client);
    if (how === 'joins') client = joinReady(router, 'heir', { acceptsTakeover: true });
    await clock.advance(0);
    expect(client.offers).toHaveLength(1);
    // An offer that stands is waited for, also beyond the window.
    await clock.advance(1_000);
    expect(call.unserved).toBe(0);
    expect(client.offers[0]?.accept()).toBeDefined();
    await clock.advance(20_000);
    expect([call.unserved, clock.pendingTimers]).toEqual([0, 0]);
  });

  it('waits for one whose place becomes free', async () => {
    const { clock, router } = createTestRouter();
    const heir = joinReady(router, 'heir', { acceptsTakeover: true, maxCalls: 1 });
    router.route(createFakeCall('first'));
    await clock.advance(0);
    const release = heir.offers[0]?.accept();
    router.route(createFakeCall('call', answered));
    await clock.advance(5_000);
    expect(heir.offers).toHaveLength(1);
    release?.();
    await clock.advance(0);
    expect(heir.offers.map(({ call }) => call.callId)).toEqual(['first', 'call']);
  });

  it('is told that nobody takes it at the end of the window, and not before', async () => {
    const { clock, router } = createTestRouter();
    const heir = joinReady(router, 'heir', { acceptsTakeover: true });
    const call = createFakeCall('call', answered);
    router.route(call);
    await clock.advance(0);
    heir.offers[0]?.cancel('declined');
    await clock.advance(limits.takeoverWindowMs - 1);
    expect([call.unserved, heir.offers.length]).toEqual([0, 1]);
    await clock.advance(1);
    expect([call.unserved, clock.pendingTimers]).toEqual([1, 0]);
    joinReady(router, 'late', { acceptsTakeover: true });
    await clock.advance(20_000);
    expect(call.unserved).toBe(1);
  });

  it('is offered to nobody else once the window is over, when the last offer comes to nothing', async () => {
    const { clock, router } = createTestRouter();
    const late = join(router, 'late', { acceptsTakeover: true });
    const call = createFakeCall('call', answered);
    router.route(call);
    await clock.advance(limits.takeoverWindowMs - 500);
    late.seat.setReady(true);
    const other = joinReady(router, 'other', { acceptsTakeover: true });
    await clock.advance(limits.acceptTimeoutMs);
    expect([late.outcomes, other.offers, call.unserved]).toEqual([['expired'], [], 1]);
  });

  it('is offered to a client that declined it before, and never to one that has had it', async () => {
    const { clock, router } = createTestRouter();
    const [first, owner] = [
      joinReady(router, 'first', { acceptsTakeover: true }),
      joinReady(router, 'owner', { acceptsTakeover: true }),
    ];
    const call = createFakeCall('call');
    router.route(call);
    await clock.advance(0);
    first.offers[0]?.cancel('declined');
    owner.offers[0]?.accept()?.();
    call.takeover = answered;
    router.route(call);
    await clock.advance(0);
    expect([first.offers.length, owner.offers.length]).toEqual([2, 1]);
    first.offers[1]?.accept()?.();
    router.route(call);
    await clock.advance(limits.takeoverWindowMs);
    expect([first.offers.length, owner.offers.length, call.unserved]).toEqual([2, 1, 1]);
  });

  it('is no longer to be had by an offer that was made when it was new', async () => {
    const { clock, router } = createTestRouter();
    const [plain, heir] = [
      joinReady(router, 'plain'),
      joinReady(router, 'heir', { acceptsTakeover: true, maxCalls: 9 }),
    ];
    const call = createFakeCall('call');
    router.route(call);
    await clock.advance(100);
    call.takeover = answered;
    router.route(call);
    await clock.advance(0);
    expect([plain.outcomes, heir.offers.length]).toEqual([['expired'], 1]);
    expect(plain.offers[0]?.accept()).toBeUndefined();
    expect(heir.offers[0]?.accept()).toBeDefined();
  });

  it('is forgotten once it is over, with all who have had it', async () => {
    const { clock, router } = createTestRouter();
    const owner = joinReady(router, 'owner', { acceptsTakeover: true });
    for (const takeover of [undefined, answered]) {
      const call = createFakeCall('call', takeover);
      router.route(call);
      await clock.advance(0);
      owner.offers.at(-1)?.accept();
      call.ended = true;
      router.withdraw('call', 'caller_gone');
    }
    expect([owner.offers.length, clock.pendingTimers]).toEqual([2, 0]);
  });

  it('that ends meanwhile leaves no timer and is offered to nobody', async () => {
    const { clock, router } = createTestRouter();
    const call = createFakeCall('call', answered);
    router.route(call);
    await clock.advance(1_000);
    call.ended = true;
    router.withdraw('call', 'caller_gone');
    expect(clock.pendingTimers).toBe(0);
    const heir = joinReady(router, 'heir', { acceptsTakeover: true });
    await clock.advance(20_000);
    expect([heir.offers, call.unserved]).toEqual([[], 0]);
  });
});
