import type {
  CallAnswered,
  CallAnswerFailed,
  CallAudioOverflow,
  CallConnected,
  CallConnectFailed,
  CallDtmf,
  CallError,
  CallEventMessage,
  CallModeChanged,
  CallResumed,
  CallTerminated,
} from './call-events.ts';
import { exactly, message, type SchemaTable } from './message-schema.ts';
import {
  callMode,
  dtmfDigit,
  endedBy,
  endReason,
  humanText,
  id,
  incomingTrack,
  party,
  timeMs,
  u32,
} from './wire-values.ts';

const atMs = timeMs;
const failure = { atMs, errorCode: id, errorMessage: humanText };

export const callEventSchemas: SchemaTable<CallEventMessage> = {
  'call.answered': exactly<CallAnswered>()(message('call.answered', { atMs })),
  'call.connected': exactly<CallConnected>()(message('call.connected', { atMs, mode: callMode })),
  'call.answer_failed': exactly<CallAnswerFailed>()(message('call.answer_failed', failure)),
  'call.connect_failed': exactly<CallConnectFailed>()(message('call.connect_failed', failure)),
  'call.mode_changed': exactly<CallModeChanged>()(
    message('call.mode_changed', { atMs, mode: callMode, position: u32 }),
  ),
  'call.dtmf': exactly<CallDtmf>()(message('call.dtmf', { atMs, digit: dtmfDigit, party, durationMs: timeMs })),
  'call.resumed': exactly<CallResumed>()(message('call.resumed', { atMs, outageMs: timeMs, replayedSamples: u32 })),
  'call.audio_overflow': exactly<CallAudioOverflow>()(
    message('call.audio_overflow', { atMs, party: incomingTrack, droppedSamples: u32 }),
  ),
  'call.error': exactly<CallError>()(message('call.error', failure)),
  'call.terminated': exactly<CallTerminated>()(message('call.terminated', { atMs, reason: endReason, by: endedBy })),
};
