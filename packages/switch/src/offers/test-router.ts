import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import type { TakeoverState } from '@agentao/protocol';
import type { Call } from '../calls/call.ts';
import { createLocalOfferRouter } from './local-offer-router.ts';
import type { Offer, OfferOutcome, OfferRouter, OfferSeat } from './offer-router.ts';

/** The connector of all that are not told of another. */
export const connectorUuid = 'connector';

/** What there is to take over from an agent that is gone after its answer. */
export const answered: TakeoverState = { state: 'ANSWERED', mode: null, context: null };

/** A local router on a virtual clock. */
export function createTestRouter(): { readonly clock: VirtualClock; readonly router: OfferRouter } {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  let offers = 0;
  return { clock, router: createLocalOfferRouter({ clock, createId: () => `offer-${++offers}` }) };
}

/** As much of a call as a router sees; `unserved` counts how often it was told that nobody is ready. */
export type FakeCall = Call & { ended: boolean; unserved: number; takeover: TakeoverState | undefined };

/** Makes one that is new, or one in mid-call. */
export function createFakeCall(callId: string, takeover?: TakeoverState): FakeCall {
  const call = { callId, connectorUuid, ended: false, unserved: 0, takeover, nobodyReady: () => void call.unserved++ };
  return call as unknown as FakeCall;
}

/** A client that does nothing by itself. */
export interface FakeClient {
  readonly seat: OfferSeat;
  readonly offers: Offer[];
  readonly outcomes: OfferOutcome[];
}

/** How it differs from one without limits that takes nothing over. */
export interface FakeClientOptions {
  readonly maxCalls?: number;
  readonly uuid?: string;
  readonly acceptsTakeover?: boolean;
}

/** Seats a client that is not ready yet. */
export function join(
  router: OfferRouter,
  clientId: string,
  { maxCalls = Number.POSITIVE_INFINITY, uuid = connectorUuid, acceptsTakeover = false }: FakeClientOptions = {},
): FakeClient {
  const offers: Offer[] = [];
  const outcomes: OfferOutcome[] = [];
  const seat = router.join({
    clientId,
    connectorUuid: uuid,
    maxCalls,
    acceptsTakeover,
    offered: (offer) => {
      offers.push(offer);
      offer.onSettled((outcome) => outcomes.push(outcome));
    },
  });
  return { seat, offers, outcomes };
}

/** Seats one that is. */
export function joinReady(router: OfferRouter, clientId: string, options: FakeClientOptions = {}): FakeClient {
  const client = join(router, clientId, options);
  client.seat.setReady(true);
  return client;
}
