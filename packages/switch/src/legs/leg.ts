import type { EndedBy, EndReason, ErrorCode } from '@agentao/protocol';

/** Why a leg is gone, as far as its provider knows. */
export type LegEnd = 'hangup' | 'rejected' | 'unreachable' | 'failed';

/** What a leg tells the call it belongs to. Calls may come at any time after `start`, never from within it. */
export interface LegEvents {
  /** The line is open: the callee picked up, or the caller was answered as asked by `answer()`. At most once. */
  answered(): void;
  /** `answer()` did not succeed; the leg goes on ringing. */
  answerFailed(message: string): void;
  /** The leg is gone. Exactly once, last; also after `hangUp`. */
  ended(end: LegEnd): void;
  /**
   * PCM from the phone at the leg's rate, any chunk length. `position` counts samples from the leg's first one; a jump is a loss
   * that is concealed. The array stays the leg's; it is copied before the call returns.
   */
  audio(samples: Int16Array, position: number): void;
  /** A key was released after `durationMs`. */
  dtmf(digit: string, durationMs: number): void;
}

/**
 * One phone on one call, as the core sees it: browser softphone, scripted phone or a channel of a telephone system.
 * The core calls it, never holds its sockets, and does not wait inside any of these.
 */
export interface Leg {
  /** Number of the phone; empty when withheld. */
  readonly number: string;
  /** Rate of PCM both ways, in Hz. */
  readonly sampleRateHz: number;
  /** Time from `play` to the ear, as far as known. */
  readonly outputDelayMs: number;
  /** Called once by the call that owns the leg. */
  start(events: LegEvents): void;
  /** Caller leg only: pick up; ends in `answered`, `answerFailed` or `ended`. */
  answer(): void;
  /** Hang up or stop ringing. Idempotent; `ended` follows. */
  hangUp(reason: EndReason, by: EndedBy): void;
  /** One tick (20 ms) of PCM at the leg's rate, before `answered` too (ring-back). The array is reused after the call returns. */
  play(samples: Int16Array): void;
  /** So many samples were never mixed, because the switch stalled: what is played next follows a gap. */
  skip?(samples: number): void;
  /** Plays DTMF digits to the phone in its own way. */
  sendDtmf(digits: string): void;
}

/** A call that a leg provider reports. */
export interface IncomingCall {
  readonly caller: Leg;
  /** The number that was called; belongs to a connector. */
  readonly calleeNumber: string;
}

/** The core's answer to an incoming call. Refused: the provider rejects the caller. */
export type IncomingOutcome =
  | { readonly accepted: true; readonly callId: string }
  | { readonly accepted: false; readonly code: ErrorCode; readonly message: string };

/** What a provider may ask of the switch. */
export interface LegHost {
  /** Reports a call. When accepted, `start` has been called on the caller leg. */
  incoming(call: IncomingCall): IncomingOutcome;
}

/** Makes legs: one per kind of phone. */
export interface LegProvider {
  /** For logs: `phone-socket`, `scripted`, `asterisk`. */
  readonly name: string;
  /** Called once when the switch starts. */
  start(host: LegHost): void;
  /** Starts to ring `number`; `undefined` if it is not one of this provider's. A busy phone answers with a leg that ends `rejected`. */
  ring(request: { readonly callId: string; readonly number: string; readonly from: string }): Leg | undefined;
  /** Hangs up what is left and lets go of everything. */
  close(): Promise<void>;
}
