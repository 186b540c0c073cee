export type {
  ActiveCall,
  AudioChunk,
  AudioOptions,
  CallEnd,
  ClearResult,
  ConnectOptions,
  ModeOptions,
  Pcm,
  PlayOutcome,
  PlaySource,
  SendAudioOptions,
} from './active-call.ts';
export { AgenTaoClientConfig } from './config.ts';
export type { Environment } from './config-env.ts';
export type { CommonOptions, OnHandlerError, ProductionOptions, SandboxOptions } from './config-options.ts';
export {
  BufferClosedError,
  BufferFullError,
  WSSAuthenticationError,
  WSSCallClosedError,
  WSSCallCommandError,
  WSSCallCommandTimeoutError,
  WSSCallError,
  WSSConnectionError,
  WSSError,
  type WSSErrorOptions,
  WSSMediaError,
} from './errors.ts';
export { type AnyCallEvent, CallEvent, type CallEventName, type CallEvents, ClientEvent, events } from './events.ts';
export type { Logger } from './logger.ts';
export type {
  AgentState,
  CallDirection,
  CallMode,
  EndedBy,
  EndReason,
  ErrorCode,
  IncomingTrack,
  MediaRateHz,
  Party,
} from '@agentao/protocol';
