import { expect, it } from 'vitest';
import type { OfferClient, OfferRouter } from './offer-router.ts';
import { watchReadiness } from './readiness.ts';

function client(connectorUuid: string): OfferClient {
  return { clientId: 'c', connectorUuid, maxCalls: 1, acceptsTakeover: false, offered: () => {} };
}

it('tells of a connector as soon as one of its own clients is ready, and not after that one has left', async () => {
  const told: boolean[] = [];
  const seats: OfferRouter = {
    join: () => ({ setReady: (ready) => void told.push(ready), leave: () => {} }),
    route: () => {},
    withdraw: () => {},
  };
  const { router, whenReady } = watchReadiness(seats);
  let ready = 0;
  void whenReady('one').then(() => ready++);
  void whenReady('one').then(() => ready++);
  router.join(client('other')).setReady(true);
  const seat = router.join(client('one'));
  await Promise.resolve();
  expect(ready).toBe(0);
  seat.setReady(true);
  await whenReady('one');
  expect(ready).toBe(2);
  seat.leave();
  void whenReady('one').then(() => ready++);
  await Promise.resolve();
  expect(ready).toBe(2);
  expect(told).toEqual([true, true]);
});
