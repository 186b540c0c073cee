import type { Clock } from '@agentao/clock';
import type { OfferRouter } from './offer-router.ts';

/** The control connection of one client, as whoever has a call of it wants to know it. */
export interface PresenceWatch {
  /** When it was cut, as it is when its process dies; `undefined` as long as it was not. */
  readonly cutMs: number | undefined;
  stop(): void;
}

/** Which clients have lost their control connection without a word. */
export interface Presence {
  /** The router it watches, to be used in its place. */
  readonly router: OfferRouter;
  /** Calls `onCut` once if the control connection of a client is cut from now on. */
  watch(clientId: string, onCut: () => void): PresenceWatch;
}

/** Watches the clients that join `router` and leave it. */
export function watchPresence(router: OfferRouter, clock: Clock): Presence {
  const watchers = new Map<string, Set<() => void>>();
  return {
    router: {
      route: (call) => router.route(call),
      withdraw: (callId, reason) => router.withdraw(callId, reason),
      join(client) {
        const seat = router.join(client);
        const { clientId } = client;
        watchers.set(clientId, new Set());
        return {
          setReady: (ready) => seat.setReady(ready),
          leave: (how) => {
            seat.leave(how);
            const told = watchers.get(clientId) ?? [];
            watchers.delete(clientId);
            if (how === 'cut') for (const tell of told) tell();
          },
        };
      },
    },
    watch(clientId, onCut) {
      const told = watchers.get(clientId);
      let cutMs: number | undefined;
      const tell = (): void => {
        cutMs = clock.now();
        onCut();
      };
      told?.add(tell);
      return {
        get cutMs() {
          return cutMs;
        },
        stop: () => void told?.delete(tell),
      };
    },
  };
}
