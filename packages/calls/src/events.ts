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
} from '@agentao/protocol';

/** Names of the events of a client. */
export const ClientEvent = {
  /** A call is here; the handler gets the `ActiveCall`, with its media connected. */
  INCOMING_CALL: 'call.incoming',
} as const;

/** Names of the events of a call. */
export const CallEvent = {
  CALL_TERMINATED: 'call.terminated',
  CALL_ANSWERED: 'call.answered',
  CALL_CONNECTED: 'call.connected',
  CALL_CONNECT_FAILED: 'call.connect_failed',
  CALL_ANSWER_FAILED: 'call.answer_failed',
  CALL_MODE_CHANGED: 'call.mode_changed',
  CALL_DTMF: 'call.dtmf',
  CALL_RESUMED: 'call.resumed',
  CALL_AUDIO_OVERFLOW: 'call.audio_overflow',
  CALL_ERROR: 'call.error',
} as const;

/** All event names in one place. */
export const events: typeof ClientEvent & typeof CallEvent = { ...ClientEvent, ...CallEvent };

/** Which call an event belongs to. */
interface OfCall {
  readonly callId: string;
}

/** The payload of each event of a call, by its name. `atMs` counts from the call's arrival at the switch. */
export interface CallEvents {
  'call.terminated': CallTerminated & OfCall;
  'call.answered': CallAnswered & OfCall;
  'call.connected': CallConnected & OfCall;
  'call.connect_failed': CallConnectFailed & OfCall;
  'call.answer_failed': CallAnswerFailed & OfCall;
  'call.mode_changed': CallModeChanged & OfCall;
  'call.dtmf': CallDtmf & OfCall;
  'call.resumed': CallResumed & OfCall;
  'call.audio_overflow': CallAudioOverflow & OfCall;
  'call.error': CallError & OfCall;
}

/** A name of an event of a call. */
export type CallEventName = keyof CallEvents;

/** Any event of a call, told apart by `type`. */
export type AnyCallEvent = CallEvents[CallEventName];

/** The event as the user sees it: one object for all who are told, frozen. */
export function toCallEvent(callId: string, event: CallEventMessage): AnyCallEvent {
  return Object.freeze({ ...event, callId });
}
