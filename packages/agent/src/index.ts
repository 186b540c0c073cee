export {
  type Bridge,
  bridgeCall,
  type BridgeEnd,
  type BridgeOptions,
  type Conversation,
  type TurnOutcome,
} from './bridge.ts';
export type { ToolRun, TranscriptUpdate, Turn, Utterance } from './conversation.ts';
export {
  type LiveConnection,
  type LiveEvent,
  type LiveModel,
  type LiveModelAbilities,
  LiveModelError,
  type LiveModelErrorCode,
  type LiveSession,
  type ModelUsage,
  type ToolAnswer,
  type ToolDeclaration,
  type ToolRequest,
} from './live-model.ts';
export type { Logger } from './logger.ts';
export type { FinalAction, FinalOutcome, Tool, ToolContext, ToolOptions } from './tool.ts';
export { type AgentResult, voiceAgent, type VoiceAgentOptions } from './voice-agent.ts';
export { defineTool } from './tools/define-tool.ts';
export { dispatchTools } from './tools/dispatch-tools.ts';
export { endCall, type FinalToolOptions, handOff, type HandOffOptions, leave } from './tools/final-tools.ts';
