import type { ControlOfferCancelled } from '@agentao/protocol';
import type { Call } from '../calls/call.ts';

/** Why an offer no longer stands. */
export type OfferCancelReason = ControlOfferCancelled['reason'];

/** What became of an offer. */
export type OfferOutcome = 'accepted' | OfferCancelReason;

/** One call put to one client. It is open until it is accepted or cancelled, whichever comes first. */
export interface Offer {
  readonly offerId: string;
  readonly call: Call;
  /** Monotonic time at which it expires. */
  readonly acceptByMs: number;
  /** Takes the call for the client. Returns what gives its place back when its part is over; `undefined` if the offer is not open. */
  accept(): (() => void) | undefined;
  /** Revokes the offer and lets the next client be asked. Does nothing unless it is open. */
  cancel(reason: OfferCancelReason): void;
  /** Told once what became of the offer, however that came about; at once if that is decided. Must not throw. */
  onSettled(listener: (outcome: OfferOutcome) => void): void;
}

/** A client process as the router sees it: one control session. */
export interface OfferClient {
  readonly clientId: string;
  readonly connectorUuid: string;
  /** Most calls at once; `Infinity` = no limit. */
  readonly maxCalls: number;
  /** Whether calls may be handed over to it in mid-call. */
  readonly acceptsTakeover: boolean;
  /** Puts an offer to the client. Must not throw. */
  offered(offer: Offer): void;
}

/** A client's place with the router. */
export interface OfferSeat {
  setReady(ready: boolean): void;
  /** The client is gone: its open offers are cancelled, its running calls go on. `cut`: without a word, as when its process dies. */
  leave(how?: 'cut'): void;
}

/** Finds an agent for each call. The seam for routing over several switches; the local one is the default. */
export interface OfferRouter {
  /** Seats a client, not ready yet. */
  join(client: OfferClient): OfferSeat;
  /**
   * Offers the call to clients of its connector, one after another, until one accepts; with none left calls `nobodyReady()`. A call with
   * `takeover` is offered to clients that accept that, also to those that become ready while they are sought. No client is offered a call
   * that it has had; one that has not taken it is asked again when it is to be taken over. Never from within.
   */
  route(call: Call): void;
  /** The call is over or goes on without an agent: its open offer is cancelled, its memory forgotten. */
  withdraw(callId: string, reason: Extract<OfferCancelReason, 'caller_gone' | 'shutdown'>): void;
}
