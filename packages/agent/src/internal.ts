// For the integrations of models, which are released together with this package: it may change with any release.
export { LiveSocket, type LiveSocketOptions, type SdkCallbacks } from './gemini-live/live-socket.ts';
export { ResumedSession, type ResumedSessionOptions } from './gemini-live/resumed-session.ts';
export { base64Of, isMadeUp, samplesOf, type ServerMessage } from './gemini-live/server-message.ts';
export { declarationOf } from './tools/define-tool.ts';
export { UnknownTool } from './tools/tool-runner.ts';
