import type { EndedBy, EndReason, MediaRateHz } from './call-model.ts';
import type { ErrorCode } from './error-codes.ts';
import type { Ping, Pong } from './heartbeat-messages.ts';

/** Phone -> switch, first message: this socket is the phone with that number. */
export interface PhoneRegister {
  readonly type: 'register';
  readonly number: string;
  readonly sampleRateHz: MediaRateHz;
  /** How long a sample sent to the phone takes to reach the ear, as far as the phone knows. */
  readonly outputDelayMs?: number;
  /** Leaves the number to a phone that has it: the answer is `NUMBER_IN_USE` then. Default false: takes it over. */
  readonly onlyIfFree?: boolean;
}
/** Switch -> phone: registered; calls may come. */
export interface PhoneRegistered {
  readonly type: 'registered';
  readonly number: string;
}
/** Phone -> switch: calls `to`. One call at a time. */
export interface PhoneDial {
  readonly type: 'dial';
  readonly to: string;
}
/** Switch -> phone: the dialled call exists and waits for an answer. */
export interface PhoneDialing {
  readonly type: 'dialing';
  readonly callId: string;
}
/** Switch -> phone: rings with a call from `from` (empty when withheld). */
export interface PhoneIncoming {
  readonly type: 'incoming';
  readonly callId: string;
  readonly from: string;
}
/** Phone -> switch: picks up the ringing call. */
export interface PhoneAnswer {
  readonly type: 'answer';
}
/** Phone -> switch: refuses the ringing call. */
export interface PhoneReject {
  readonly type: 'reject';
}
/** Switch -> phone: the line is open both ways from now on. */
export interface PhoneAnswered {
  readonly type: 'answered';
}
/** Phone -> switch: hangs up, or stops dialling. */
export interface PhoneHangUp {
  readonly type: 'hangup';
}
/** Either way: a key (0-9 * # A-D), sent at its release. */
export interface PhoneDtmf {
  readonly type: 'dtmf';
  readonly digit: string;
  /** Default 100. */
  readonly durationMs?: number;
}
/** Switch -> phone: the call is over, or its ringing has stopped. */
export interface PhoneEnded {
  readonly type: 'ended';
  readonly reason: EndReason;
  readonly by: EndedBy;
}
/** Switch -> phone: what was asked for was not done; the socket stays. */
export interface PhoneError {
  readonly type: 'error';
  readonly code: ErrorCode | (string & {});
  readonly message: string;
}

/** Everything a phone may send as text on `agentao.phone.v1`. */
export type PhoneClientMessage =
  | PhoneRegister
  | PhoneDial
  | PhoneAnswer
  | PhoneReject
  | PhoneHangUp
  | PhoneDtmf
  | Ping
  | Pong;
/** Everything a switch may send as text on `agentao.phone.v1`. */
export type PhoneSwitchMessage =
  | PhoneRegistered
  | PhoneDialing
  | PhoneIncoming
  | PhoneAnswered
  | PhoneDtmf
  | PhoneEnded
  | PhoneError
  | Ping
  | Pong;
