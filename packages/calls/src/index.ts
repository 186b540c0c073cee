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
export type {
  ActiveCall,
  AudioChunk,
  AudioOptions,
  CallEnd,
  ClearResult,
  CloseOptions,
  ConnectOptions,
  ModeOptions,
  Pcm,
  PlayOutcome,
  PlaySource,
  SendAudioOptions,
} from './active-call.ts';
export { AgenTaoClient, type ClientOptions } from './client.ts';
export { AgenTaoClientConfig } from './config.ts';
export type { Environment } from './config-env.ts';
export type { CommonOptions, OnHandlerError, ProductionOptions, SandboxOptions } from './config-options.ts';
export type { ConnectionState } from './control-connection.ts';
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
export type { CallHandler } from './handler-claim.ts';
export type { Logger } from './logger.ts';
export { takeUntilTerminated, whenState } from './operators/call-state.ts';
export { chunkAudio } from './operators/chunk-audio.ts';
export { clockScheduler } from './operators/clock-scheduler.ts';
export { handleCalls } from './operators/handle-calls.ts';
export { voiceActivity, type VoiceActivityChange } from './operators/voice-activity.ts';
export type { RunForeverOptions } from './run-forever.ts';
