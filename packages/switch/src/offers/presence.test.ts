import { createVirtualClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import type { OfferClient, OfferRouter } from './offer-router.ts';
import { watchPresence } from './presence.ts';

function client(clientId: string): OfferClient {
  return { clientId, connectorUuid: 'c', maxCalls: 1, acceptsTakeover: false, offered: () => {} };
}

it('tells those who watch a client that its connection was cut, and of no other end and no other client', async () => {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const left: (string | undefined)[] = [];
  const router: OfferRouter = {
    join: () => ({ setReady: () => {}, leave: (how) => void left.push(how) }),
    route: () => {},
    withdraw: () => {},
  };
  const presence = watchPresence(router, clock);
  const [cut, closed, bystander] = ['cut', 'closed', 'bystander'].map((id) => presence.router.join(client(id)));
  const told: string[] = [];
  const watches = ['cut', 'closed', 'bystander', 'unknown'].map((id) => presence.watch(id, () => told.push(id)));
  presence.watch('cut', () => told.push('stopped')).stop();
  await clock.advance(50);
  cut?.leave('cut');
  closed?.leave();
  expect(told).toEqual(['cut']);
  expect(watches.map(({ cutMs }) => cutMs)).toEqual([50, undefined, undefined, undefined]);
  expect(left).toEqual(['cut', undefined]);
  bystander?.leave('cut');
  expect(told).toEqual(['cut', 'bystander']);
});
