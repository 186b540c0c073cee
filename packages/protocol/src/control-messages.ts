import type { AgentState, CallDirection, CallMode } from './call-model.ts';
import type { ErrorCode } from './error-codes.ts';
import type { Ping, Pong } from './heartbeat-messages.ts';

/** Client -> switch, first message: who is here and what it can take. */
export interface ControlHello {
  readonly type: 'hello';
  /** Name and version of the client software, for logs. */
  readonly client: string;
  /** The connector to serve; may be left out where the credential fits exactly one. */
  readonly connectorUuid?: string;
  /** Most calls at once; left out = no limit of its own. */
  readonly maxCalls?: number;
  /** Whether calls may be handed over to this client in mid-call. */
  readonly acceptsTakeover?: boolean;
}

/** Switch -> client, answer to `hello`. */
export interface ControlWelcome {
  readonly type: 'welcome';
  readonly sessionId: string;
  readonly connectorUuid: string;
  /** Both sides send a frame at least this often; two intervals without one mean the peer is gone. */
  readonly heartbeatMs: number;
}

/** Client -> switch: whether calls may be offered now. Nothing is offered before the first `ready: true`. */
export interface ControlReady {
  readonly type: 'ready';
  readonly ready: boolean;
}

/** State of a call that is offered in mid-call. */
export interface TakeoverState {
  readonly state: Exclude<AgentState, 'DISCONNECTED'>;
  readonly mode: CallMode | null;
  /** What the last owner stored with `context`, `null` if nothing. */
  readonly context: unknown;
}

/** Switch -> client: a call. Accepting = opening the media connection with the token in time. */
export interface ControlOffer {
  readonly type: 'offer';
  readonly offerId: string;
  readonly callId: string;
  /** Empty when withheld. */
  readonly callerNumber: string;
  readonly calleeNumber: string;
  readonly direction: CallDirection;
  /** Absolute URL, or a path to be resolved against the control connection's URL. */
  readonly mediaUrl: string;
  /** One use, this call and this client only; goes into the media connection's `Authorization: Bearer`. */
  readonly mediaToken: string;
  readonly acceptWithinMs: number;
  /** Present when the call is handed over in mid-call. */
  readonly takeover?: TakeoverState;
}

/** Client -> switch: not this one; it is offered to the next ready client at once. */
export interface ControlDecline {
  readonly type: 'decline';
  readonly offerId: string;
}

/** Switch -> client: the offer no longer stands; its token opens nothing. */
export interface ControlOfferCancelled {
  readonly type: 'offer.cancelled';
  readonly offerId: string;
  readonly reason: 'expired' | 'declined' | 'caller_gone' | 'shutdown';
}

/** Switch -> client: the last word before a close, for people and programs. */
export interface ControlError {
  readonly type: 'error';
  readonly code: ErrorCode | (string & {});
  readonly message: string;
}

/** Everything a client may send on `agentao.control.v1`. */
export type ControlClientMessage = ControlHello | ControlReady | ControlDecline | Ping | Pong;
/** Everything a switch may send on `agentao.control.v1`. */
export type ControlSwitchMessage = ControlWelcome | ControlOffer | ControlOfferCancelled | ControlError | Ping | Pong;
