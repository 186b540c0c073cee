import type { OfferRouter } from './offer-router.ts';

/** Which connectors have somebody to take their calls. */
export interface Readiness {
  /** The router it watches, to be used in its place. */
  readonly router: OfferRouter;
  /** Resolves when a client of the connector is ready for calls; at once if one is. Never rejects. */
  whenReady(connectorUuid: string): Promise<void>;
}

/** Watches the clients that join `router`. */
export function watchReadiness(router: OfferRouter): Readiness {
  const readyClients = new Map<string, Set<object>>();
  const waiting = new Map<string, (() => void)[]>();

  const readyOf = (connectorUuid: string): Set<object> => {
    const known = readyClients.get(connectorUuid) ?? new Set();
    readyClients.set(connectorUuid, known);
    return known;
  };

  return {
    router: {
      join(client) {
        const seat = router.join(client);
        const ready = readyOf(client.connectorUuid);
        return {
          setReady(isReady) {
            seat.setReady(isReady);
            if (!isReady) {
              ready.delete(seat);
              return;
            }
            ready.add(seat);
            for (const resolve of waiting.get(client.connectorUuid) ?? []) resolve();
            waiting.delete(client.connectorUuid);
          },
          leave(how) {
            ready.delete(seat);
            seat.leave(how);
          },
        };
      },
      route: (call) => router.route(call),
      withdraw: (callId, reason) => router.withdraw(callId, reason),
    },
    whenReady: (connectorUuid) => {
      if (readyOf(connectorUuid).size > 0) return Promise.resolve();
      return new Promise((resolve) => {
        waiting.set(connectorUuid, [...(waiting.get(connectorUuid) ?? []), resolve]);
      });
    },
  };
}
