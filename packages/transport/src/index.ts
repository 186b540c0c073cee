export { type Backoff, type BackoffOptions, createBackoff } from './backoff.ts';
export { type HeartbeatOptions, startHeartbeat } from './heartbeat.ts';
export { ListenError, type ListenErrorCode } from './listen-error.ts';
export { type LivenessOptions, watchLiveness } from './liveness.ts';
export {
  type Socket,
  type SocketClose,
  type SocketFactory,
  type SocketHandlers,
  SocketOpenError,
  type SocketOpenErrorCode,
  type SocketRequest,
  type SocketTls,
} from './socket.ts';
export type {
  HttpHandler,
  HttpReply,
  HttpRequest,
  SocketServer,
  UpgradeDecision,
  UpgradeHandler,
  UpgradeRequest,
} from './socket-server.ts';
