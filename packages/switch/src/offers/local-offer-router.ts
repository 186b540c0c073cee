import type { Clock, Timer } from '@agentao/clock';
import { limits } from '@agentao/protocol';
import type { Call } from '../calls/call.ts';
import type { Offer, OfferClient, OfferOutcome, OfferRouter } from './offer-router.ts';

/** What the local router is given. */
export interface LocalOfferRouterOptions {
  readonly clock: Clock;
  /** Makes a fresh offer id. */
  readonly createId: () => string;
  /** From offer to `attach`; default as the protocol says. */
  readonly acceptTimeoutMs?: number;
}

interface Seat {
  readonly client: OfferClient;
  ready: boolean;
  present: boolean;
  /** Open offers and running calls. */
  load: number;
  /** Order of the last offer, so that equally busy clients take turns. */
  lastAsked: number;
  readonly open: Set<Offer>;
}

/** A call in search of an agent. */
interface Search {
  readonly call: Call;
  readonly asked: Set<string>;
  open: Offer | undefined;
}

/** The router of a single switch: least busy ready client first. */
export function createLocalOfferRouter(options: LocalOfferRouterOptions): OfferRouter {
  const { clock, createId, acceptTimeoutMs = limits.acceptTimeoutMs } = options;
  const seatsByConnector = new Map<string, Set<Seat>>();
  const searches = new Map<string, Search>();
  let asked = 0;

  const leastBusy = (search: Search): Seat | undefined => {
    let best: Seat | undefined;
    for (const seat of seatsByConnector.get(search.call.connectorUuid) ?? []) {
      if (!seat.ready || seat.load >= seat.client.maxCalls || search.asked.has(seat.client.clientId)) continue;
      if (best === undefined || seat.load < best.load || (seat.load === best.load && seat.lastAsked < best.lastAsked)) {
        best = seat;
      }
    }
    return best;
  };

  const askNext = (search: Search): void => {
    const { call } = search;
    if (searches.get(call.callId) !== search || call.ended || search.open !== undefined) return;
    const seat = leastBusy(search);
    if (seat === undefined) {
      searches.delete(call.callId);
      call.nobodyReady();
      return;
    }
    search.asked.add(seat.client.clientId);
    const offer = createOffer(search, seat);
    search.open = offer;
    seat.client.offered(offer);
  };

  const createOffer = (search: Search, seat: Seat): Offer => {
    const acceptByMs = clock.now() + acceptTimeoutMs;
    const listeners: ((outcome: OfferOutcome) => void)[] = [];
    let settled: OfferOutcome | undefined;
    let placeTaken = true;

    /** Ends the open state; false if it has ended before. */
    const settle = (outcome: OfferOutcome): boolean => {
      if (settled !== undefined) return false;
      settled = outcome;
      timer.cancel();
      seat.open.delete(offer);
      search.open = undefined;
      if (outcome !== 'accepted') release();
      for (const listener of listeners) listener(outcome);
      return true;
    };
    const release = (): void => {
      if (placeTaken) seat.load--;
      placeTaken = false;
    };
    const offer: Offer = {
      offerId: createId(),
      call: search.call,
      acceptByMs,
      accept: () => (settle('accepted') ? release : undefined),
      cancel: (reason) => {
        if (settle(reason)) askNext(search);
      },
      onSettled: (listener) => {
        if (settled === undefined) listeners.push(listener);
        else listener(settled);
      },
    };
    const timer: Timer = clock.setTimer(acceptByMs, () => offer.cancel('expired'));
    seat.load++;
    seat.lastAsked = ++asked;
    seat.open.add(offer);
    return offer;
  };

  return {
    join: (client) => {
      const seat: Seat = { client, ready: false, present: true, load: 0, lastAsked: 0, open: new Set() };
      const seats = seatsByConnector.get(client.connectorUuid) ?? new Set();
      seatsByConnector.set(client.connectorUuid, seats.add(seat));
      return {
        setReady: (ready) => {
          seat.ready = ready && seat.present;
        },
        leave: () => {
          seat.present = false;
          seat.ready = false;
          seats.delete(seat);
          if (seats.size === 0 && seatsByConnector.get(client.connectorUuid) === seats) {
            seatsByConnector.delete(client.connectorUuid);
          }
          for (const offer of [...seat.open]) offer.cancel('expired');
        },
      };
    },
    route: (call) => {
      const search = searches.get(call.callId) ?? { call, asked: new Set(), open: undefined };
      searches.set(call.callId, search);
      queueMicrotask(() => askNext(search));
    },
    withdraw: (callId, reason) => {
      const search = searches.get(callId);
      searches.delete(callId);
      search?.open?.cancel(reason);
    },
  };
}
