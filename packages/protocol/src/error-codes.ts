/**
 * The one table of error codes: in responses, in `error` messages and in the JSON body of a refused upgrade.
 * The text beside each is its meaning, used by PROTOCOL.md.
 */
export const errorCodes = {
  INVALID_STATE: 'The call model does not allow this command in the present state.',
  UNKNOWN_COMMAND: 'This switch does not know the command.',
  BAD_ARGUMENT: 'An argument is missing, of the wrong type or out of range; the message names it.',
  CALL_UNANSWERED: 'Nobody picked up within the ring time.',
  CALL_REJECTED: 'The callee refused the call or is busy.',
  CALLEE_UNREACHABLE: 'No leg provider can ring that number.',
  CONNECT_CANCELLED: 'The ringing was cancelled by the agent.',
  ANSWER_FAILED: 'The caller could not be answered.',
  CALL_ENDED: 'The call has ended.',
  TAKEN_OVER: 'Another client owns the call now.',
  NUMBER_IN_USE: 'Another phone has this number.',
  LIMIT_REACHED: 'A limit of the connector or the switch is reached; try again later.',
  UNAUTHENTICATED: 'The credential is missing, malformed, unknown, expired or revoked.',
  INVALID_TOKEN: 'The token or ticket is unknown, used, expired or belongs to someone else.',
  FORBIDDEN: 'The credential is good, but not for this.',
  NOT_FOUND: 'There is nothing at this path.',
  SUBPROTOCOL_UNSUPPORTED: 'None of the offered subprotocols is spoken here.',
  RATE_LIMITED: 'Too many connections or messages; slow down.',
  SHUTTING_DOWN: 'The switch takes no new calls or connections.',
  INTERNAL: 'A fault inside the switch; its log tells more.',
} as const;

/** A code of the one table. Peers may send others; treat those as text. */
export type ErrorCode = keyof typeof errorCodes;
