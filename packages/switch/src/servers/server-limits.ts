/** Bounds of the switch's servers. What both sides of the wire keep is in the protocol's `limits`. */
export interface ServerLimits {
  /** Open sockets of one address; one more is refused with 429. */
  readonly socketsPerAddress: number;
  /** Control sessions of one API key, or of one client certificate name; one more is refused with 429. */
  readonly sessionsPerKey: number;
  /** Messages a socket may send per second on average, twice as many at once; more closes it with 4429. */
  readonly controlMessagesPerSecond: number;
  readonly phoneMessagesPerSecond: number;
  readonly mediaMessagesPerSecond: number;
  readonly monitorMessagesPerSecond: number;
  /** Open monitors; one more is refused with 429. */
  readonly monitors: number;
  /** Browsers signed in; one more ends the oldest session. */
  readonly operatorSessions: number;
  /** Sign-in tokens not yet used; one more makes the oldest worthless. */
  readonly unusedSignIns: number;
  /** Tickets of one session not yet used; one more makes the oldest worthless. */
  readonly unusedTickets: number;
  /** Bytes waiting for a peer to read, audio aside; more closes the socket with 4428. */
  readonly unreadBytes: number;
  /** Audio waiting for a peer to read; what comes then is dropped, newest first, until half of it is read. */
  readonly unreadAudioMs: number;
  /** How long a peer may leave audio unread at that bound before its socket closes with 4428. */
  readonly stalledMs: number;
}

/** The bounds unless `createSwitch` is told others. */
export const defaultServerLimits: ServerLimits = {
  socketsPerAddress: 4_096,
  sessionsPerKey: 128,
  controlMessagesPerSecond: 50,
  phoneMessagesPerSecond: 250,
  mediaMessagesPerSecond: 500,
  monitorMessagesPerSecond: 50,
  monitors: 64,
  operatorSessions: 256,
  unusedSignIns: 64,
  unusedTickets: 16,
  unreadBytes: 1_048_576,
  unreadAudioMs: 1_000,
  stalledMs: 2_000,
};
