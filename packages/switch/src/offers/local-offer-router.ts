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
  /** How long clients that take a call over are sought; default as the protocol says. */
  readonly takeoverWindowMs?: number;
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

/** A call in search of an agent, or with one. */
interface Search {
  readonly call: Call;
  /** Clients that are not asked: those that have been, and those that have had the call. */
  asked: Set<string>;
  /** Clients that have had the call. */
  readonly owners: Set<string>;
  open: Offer | undefined;
  /** Until when clients that take it over are waited for; `undefined` for a call that is new. */
  deadline: { readonly atMs: number; readonly timer: Timer } | undefined;
}

/** The router of a single switch: least busy ready client first. */
export function createLocalOfferRouter(options: LocalOfferRouterOptions): OfferRouter {
  const { clock, createId, acceptTimeoutMs = limits.acceptTimeoutMs } = options;
  const { takeoverWindowMs = limits.takeoverWindowMs } = options;
  const seatsByConnector = new Map<string, Set<Seat>>();
  const searches = new Map<string, Search>();
  /** Those that wait for a client to become ready, oldest first. */
  const waiting = new Set<Search>();
  let asked = 0;

  const leastBusy = (search: Search): Seat | undefined => {
    let best: Seat | undefined;
    for (const seat of seatsByConnector.get(search.call.connectorUuid) ?? []) {
      const { clientId, maxCalls, acceptsTakeover } = seat.client;
      if (!seat.ready || seat.load >= maxCalls || search.asked.has(clientId)) continue;
      if (search.deadline !== undefined && !acceptsTakeover) continue;
      if (best === undefined || seat.load < best.load || (seat.load === best.load && seat.lastAsked < best.lastAsked)) {
        best = seat;
      }
    }
    return best;
  };

  /** The search is over, whatever came of it; who has had the call is remembered. */
  const stop = (search: Search): void => {
    waiting.delete(search);
    search.deadline?.timer.cancel();
    search.deadline = undefined;
  };

  const askNext = (search: Search): void => {
    const { call, deadline } = search;
    if (searches.get(call.callId) !== search || call.ended || search.open !== undefined) return;
    const late = deadline !== undefined && clock.now() >= deadline.atMs;
    const seat = late ? undefined : leastBusy(search);
    if (seat !== undefined) {
      waiting.delete(search);
      search.asked.add(seat.client.clientId);
      const offer = createOffer(search, seat);
      search.open = offer;
      seat.client.offered(offer);
    } else if (deadline !== undefined && !late) {
      waiting.add(search);
    } else {
      stop(search);
      searches.delete(call.callId);
      call.nobodyReady();
    }
  };

  /** A client of the connector may take a call that it could not a moment ago. */
  const someoneFree = (connectorUuid: string): void => {
    for (const search of [...waiting]) {
      if (search.call.connectorUuid === connectorUuid) queueMicrotask(() => askNext(search));
    }
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
      if (outcome === 'accepted') {
        search.owners.add(seat.client.clientId);
        stop(search);
      } else {
        release();
      }
      for (const listener of listeners) listener(outcome);
      return true;
    };
    const release = (): void => {
      if (!placeTaken) return;
      placeTaken = false;
      seat.load--;
      if (seat.ready) someoneFree(seat.client.connectorUuid);
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

  /** Takes up the search that the call is to have now. */
  const begin = (search: Search): void => {
    stop(search);
    if (search.call.takeover === undefined) return;
    search.asked = new Set(search.owners);
    const atMs = clock.now() + takeoverWindowMs;
    search.deadline = { atMs, timer: clock.setTimer(atMs, () => askNext(search)) };
    // It was offered as a new call, and is none any more.
    search.open?.cancel('expired');
  };

  return {
    join: (client) => {
      const seat: Seat = { client, ready: false, present: true, load: 0, lastAsked: 0, open: new Set() };
      const seats = seatsByConnector.get(client.connectorUuid) ?? new Set();
      seatsByConnector.set(client.connectorUuid, seats.add(seat));
      return {
        setReady: (ready) => {
          seat.ready = ready && seat.present;
          if (seat.ready) someoneFree(client.connectorUuid);
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
      const { callId } = call;
      const known = searches.get(callId);
      const search = known ?? { call, asked: new Set(), owners: new Set(), open: undefined, deadline: undefined };
      searches.set(callId, search);
      begin(search);
      queueMicrotask(() => askNext(search));
    },
    withdraw: (callId, reason) => {
      const search = searches.get(callId);
      if (search === undefined) return;
      searches.delete(callId);
      stop(search);
      search.open?.cancel(reason);
    },
  };
}
