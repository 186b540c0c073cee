/** Limits and deadlines that both sides keep; PROTOCOL.md prints this table. */
export const limits = {
  /** Largest message on control, phone and monitor sockets (an offer with a context of 64 KB fits). */
  controlMessageBytes: 131_072,
  /** Largest text or binary message on a media socket (a context of 64 KB fits). */
  mediaMessageBytes: 131_072,
  /** Deepest nesting of objects and arrays in a text message from a client, the message itself being level 1. */
  clientNesting: 32,
  /** The same in a message from a switch, which may carry a client's context further inside. */
  switchNesting: 40,
  /** Longest identifier or name (call, offer, session, connector, client, `kind`), in UTF-16 code units as all lengths of text. */
  idLength: 128,
  /** Longest phone number or caller identity. */
  numberLength: 128,
  /** Longest token; it fits into a header. */
  tokenLength: 1_024,
  /** Longest URL. */
  urlLength: 2_048,
  /** Longest text for people: `message`, `errorMessage`. */
  textLength: 1_024,
  /** Calls in one `snapshot`; further ones follow as `call`. */
  snapshotCalls: 64,
  /** Calls in one `watch`. */
  watchedCalls: 64,
  /** Entries kept of a call's timeline; the oldest go. */
  timelineEntries: 256,
  /** Largest stored context, as JSON in UTF-8. */
  contextBytes: 65_536,
  /** Largest `annotate` data, as JSON in UTF-8. */
  annotationBytes: 16_384,
  /** From the upgrade to the first message. */
  helloTimeoutMs: 5_000,
  /** From offer to `attach`. */
  acceptTimeoutMs: 2_000,
  /** Control heartbeat interval; two without a frame mean the peer is gone. */
  heartbeatMs: 5_000,
  /** A media or phone peer that has sent nothing for this long is sent a `ping`. */
  mediaPingMs: 500,
  /** A media or phone peer that has sent nothing for this long is gone. */
  mediaDeadMs: 2_000,
  /** How long a lost media connection may be resumed. */
  resumeWindowMs: 10_000,
  /** How long a client that asked for it may add to the call's record after its part has ended. */
  lateAnnotateMs: 5_000,
  /** How long somebody is sought who takes a call over, before it goes on without an agent. */
  takeoverWindowMs: 10_000,
  /** First bound of the wait before a control connection is opened again; it doubles with every failure */
  reconnectBaseMs: 500,
  /** up to this, */
  reconnectCapMs: 30_000,
  /** and is set back by a connection that lived this long. */
  reconnectSettledMs: 10_000,
  /** How long a client waits for a response; longer where the command takes longer by its nature. */
  commandTimeoutMs: 10_000,
  /** Shortest ring time of `connect`. */
  ringTimeMinMs: 1_000,
  /** Longest ring time of `connect`. */
  ringTimeMaxMs: 120_000,
  /** Playing time between two `playout` reports. */
  playoutReportMs: 200,
  /** Credit ahead of what was heard, to which two round trips are added. */
  creditBaseMs: 200,
  /** Most credit ahead of what was heard. */
  creditMaxMs: 1_000,
  /** Marks waiting at once; one more closes with BAD_MESSAGE. */
  pendingMarks: 1_024,
  /** Most digits in one `dtmf` command. */
  dtmfDigitsMax: 32,
} as const;
