// What the integrations of Google's SDKs share: the Gemini Live protocol below an SDK. It may change with any release.
export { LiveSocket, type LiveSocketOptions, type SdkCallbacks } from './gemini-live/live-socket.ts';
export { ResumedSession, type ResumedSessionOptions } from './gemini-live/resumed-session.ts';
export { base64Of, samplesOf, type ServerMessage } from './gemini-live/server-message.ts';
