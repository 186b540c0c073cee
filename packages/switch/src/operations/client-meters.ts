import type { Counter } from '@opentelemetry/api';
import type { OfferRouter } from '../offers/offer-router.ts';

/** The clients of a router, counted by connector. */
export interface ClientMeters {
  /** The router it counts at, to be used in its place. */
  readonly router: OfferRouter;
  /** Tells how many clients each connector has: 0 for one that nobody has come for, and for one whose last client has gone. */
  read(tell: (connector: string, clients: { readonly connected: number; readonly ready: number }) => void): void;
  /** These are the connectors from now on; those that are no longer there are forgotten once they have nobody. */
  keep(uuids: ReadonlySet<string>): void;
}

interface Count {
  connected: number;
  ready: number;
}

/** Counts the clients of `router` and what becomes of the offers put to them. */
export function createClientMeters(router: OfferRouter, offers: Counter): ClientMeters {
  const counts = new Map<string, Count>();
  let kept: ReadonlySet<string> | undefined;

  const countOf = (uuid: string): Count => {
    const count = counts.get(uuid) ?? { connected: 0, ready: 0 };
    counts.set(uuid, count);
    return count;
  };

  return {
    router: {
      route: (call) => router.route(call),
      withdraw: (callId, reason) => router.withdraw(callId, reason),
      join: (client) => {
        const { connectorUuid: connector } = client;
        const count = countOf(connector);
        const seat = router.join({
          ...client,
          offered: (offer) => {
            offer.onSettled((outcome) => offers.add(1, { connector, outcome }));
            client.offered(offer);
          },
        });
        let ready = false;
        const setReady = (isReady: boolean): void => {
          if (ready !== isReady) count.ready += isReady ? 1 : -1;
          ready = isReady;
        };
        count.connected++;
        return {
          setReady: (isReady) => {
            seat.setReady(isReady);
            setReady(isReady);
          },
          leave: (how) => {
            count.connected--;
            setReady(false);
            if (count.connected === 0 && kept?.has(connector) === false) counts.delete(connector);
            seat.leave(how);
          },
        };
      },
    },
    read: (tell) => {
      for (const [connector, count] of counts) tell(connector, count);
    },
    keep: (uuids) => {
      kept = uuids;
      for (const uuid of uuids) countOf(uuid);
      for (const [connector, { connected }] of counts) {
        if (connected === 0 && !uuids.has(connector)) counts.delete(connector);
      }
    },
  };
}
