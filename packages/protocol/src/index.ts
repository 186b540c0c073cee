export type {
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
export type {
  AgentState,
  CallDirection,
  CallMode,
  EndedBy,
  EndReason,
  IncomingTrack,
  MediaRateHz,
  Party,
} from './call-model.ts';
export { type CloseCodeName, closeCodes } from './close-codes.ts';
export {
  type AnyMessage,
  decodeControlClient,
  decodeControlSwitch,
  decodeMediaClient,
  decodeMediaSwitch,
  decodeMonitorClient,
  decodeMonitorSwitch,
  decodePhoneClient,
  decodePhoneSwitch,
  encode,
  type RefusedCommand,
} from './codec.ts';
export type {
  ControlClientMessage,
  ControlDecline,
  ControlError,
  ControlHello,
  ControlOffer,
  ControlOfferCancelled,
  ControlReady,
  ControlSwitchMessage,
  ControlWelcome,
  TakeoverState,
} from './control-messages.ts';
export { type ErrorCode, errorCodes } from './error-codes.ts';
export {
  decodeFrame,
  encodeFrame,
  encodeFrameInto,
  type Frame,
  frameSamples,
  type MutableFrameHeader,
  readFrameHeader,
} from './frame-codec.ts';
export { type FrameHeader, frameFlags, frameHeaderBytes, tracks } from './frame-header.ts';
export type { Ping, Pong } from './heartbeat-messages.ts';
export { limits } from './limits.ts';
export type {
  AnnotateCommand,
  AnswerCommand,
  CancelConnectCommand,
  ClearCommand,
  CloseCommand,
  ConnectCommand,
  ContextCommand,
  Discard,
  DisconnectCommand,
  DtmfCommand,
  MediaCommand,
  ModeCommand,
  TracksCommand,
} from './media-commands.ts';
export type {
  CommandResult,
  MediaAttach,
  MediaAttached,
  MediaClientMessage,
  MediaCredit,
  MediaEvent,
  MediaMark,
  MediaPlayout,
  MediaResponse,
  MediaResume,
  MediaResumed,
  MediaSwitchMessage,
} from './media-messages.ts';
export type { UnknownMessage } from './message-decoder.ts';
export type {
  MonitorCall,
  MonitorCallChanged,
  MonitorCallEnded,
  MonitorClientMessage,
  MonitorHearing,
  MonitorLevels,
  MonitorSnapshot,
  MonitorSwitchMessage,
  MonitorTimeline,
  MonitorWatch,
  TimelineEntry,
} from './monitor-messages.ts';
export type {
  PhoneAnswer,
  PhoneAnswered,
  PhoneClientMessage,
  PhoneDial,
  PhoneDialing,
  PhoneDtmf,
  PhoneEnded,
  PhoneError,
  PhoneHangUp,
  PhoneIncoming,
  PhoneRegister,
  PhoneRegistered,
  PhoneReject,
  PhoneSwitchMessage,
} from './phone-messages.ts';
export { ProtocolError } from './protocol-error.ts';
export { paths, subprotocols, ticketSubprotocolPrefix } from './subprotocols.ts';
export { refusalStatuses, type UpgradeRefusal } from './upgrade-refusal.ts';
