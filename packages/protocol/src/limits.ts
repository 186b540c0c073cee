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
  urlLength: 2_048,
  /** Longest text for people: `message`, `errorMessage`. */
  textLength: 1_024,
  /** Calls in one `snapshot`; further ones follow as `call`. */
  snapshotCalls: 64,
  /** Calls in one `watch`. */
  watchedCalls: 64,
  /** Largest stored context, as JSON in UTF-8. */
  contextBytes: 65_536,
  /** Largest `annotate` data, as JSON in UTF-8. */
  annotationBytes: 16_384,
  /** First message after the upgrade. */
  helloTimeoutMs: 5_000,
  /** From offer to `attach`. */
  acceptTimeoutMs: 2_000,
  /** Control heartbeat interval; two without a frame mean the peer is gone. */
  heartbeatMs: 5_000,
  /** A media or phone peer that has sent nothing for this long is sent a `ping`, */
  mediaPingMs: 500,
  /** and is gone after this long without a frame. */
  mediaDeadMs: 2_000,
  resumeWindowMs: 10_000,
  commandTimeoutMs: 10_000,
  ringTimeMinMs: 1_000,
  ringTimeMaxMs: 120_000,
  playoutReportMs: 200,
  creditBaseMs: 200,
  creditMaxMs: 1_000,
  /** Marks waiting at once; one more is a BAD_MESSAGE. */
  pendingMarks: 1_024,
  dtmfDigitsMax: 32,
} as const;
