import type { CallMode, EndedBy, EndReason, IncomingTrack, Party } from './call-model.ts';
import type { ErrorCode } from './error-codes.ts';

/** Every event of a call carries when it happened, in milliseconds since the call reached the switch. */
interface At<Type extends string> {
  readonly type: Type;
  readonly atMs: number;
}

interface Failure {
  readonly errorCode: ErrorCode | (string & {});
  readonly errorMessage: string;
}

/** The agent answered the caller. */
export type CallAnswered = At<'call.answered'>;
/** Caller, callee and agent are in conference; `mode` holds from its first tick. */
export interface CallConnected extends At<'call.connected'> {
  readonly mode: CallMode;
}
/** The answer did not succeed; the call goes on as PENDING. */
export type CallAnswerFailed = At<'call.answer_failed'> & Failure;
/** The callee was not reached; the call goes on as before. */
export type CallConnectFailed = At<'call.connect_failed'> & Failure;
/** Who hears the agent changed; `position` is the outgoing position of the first sample in the new mode. */
export interface CallModeChanged extends At<'call.mode_changed'> {
  readonly mode: CallMode;
  readonly position: number;
}
/** A key was pressed on a phone. Sent at its release; `durationMs` is how long it was held. */
export interface CallDtmf extends At<'call.dtmf'> {
  readonly digit: string;
  readonly party: Party;
  readonly durationMs: number;
}
/** The media connection was lost and is back. */
export interface CallResumed extends At<'call.resumed'> {
  readonly outageMs: number;
  readonly replayedSamples: number;
}
/** Incoming audio was dropped because it was not read in time. */
export interface CallAudioOverflow extends At<'call.audio_overflow'> {
  readonly party: IncomingTrack;
  readonly droppedSamples: number;
}
/** Something went wrong that ends nothing. */
export type CallError = At<'call.error'> & Failure;
/** The agent's part is over. The last event; the media connection closes behind it. */
export interface CallTerminated extends At<'call.terminated'> {
  readonly reason: EndReason;
  readonly by: EndedBy;
}

/** Everything that may happen in a call, as sent on the media connection. */
export type CallEventMessage =
  | CallAnswered
  | CallConnected
  | CallAnswerFailed
  | CallConnectFailed
  | CallModeChanged
  | CallDtmf
  | CallResumed
  | CallAudioOverflow
  | CallError
  | CallTerminated;
