/**
 * The one table of WebSocket close codes, on all four sockets. 1006 and 1015 never travel.
 * The text beside each is its meaning, used by PROTOCOL.md and as the close reason.
 */
export const closeCodes = {
  /** 1000 */ NORMAL: { code: 1000, retry: false, reason: 'Finished: the call has ended or the peer said goodbye.' },
  /** 1001 */ GOING_AWAY: { code: 1001, retry: true, reason: 'The peer stops; come back later.' },
  /** 1002 */ BAD_FRAME: { code: 1002, retry: false, reason: 'The bytes are not WebSocket frames.' },
  /** 1007 */ BAD_TEXT: { code: 1007, retry: false, reason: 'A text message is not UTF-8.' },
  /** 1009 */ TOO_LARGE: { code: 1009, retry: false, reason: 'A message exceeds the size limit.' },
  /** 1011 */ INTERNAL: { code: 1011, retry: true, reason: 'A fault inside the peer.' },
  /** 4400 */ BAD_MESSAGE: { code: 4400, retry: false, reason: 'A message is not valid JSON of a known shape.' },
  /** 4401 */ UNAUTHENTICATED: { code: 4401, retry: false, reason: 'The credential was revoked or has expired.' },
  /** 4403 */ FORBIDDEN: { code: 4403, retry: false, reason: 'The credential does not allow this.' },
  /** 4408 */ HANDSHAKE_TIMEOUT: { code: 4408, retry: true, reason: 'The first message did not come in time.' },
  /** 4409 */ DISPLACED: { code: 4409, retry: false, reason: 'A newer connection has taken the place of this one.' },
  /** 4410 */ TAKEN_OVER: { code: 4410, retry: false, reason: 'Another client owns the call now.' },
  /** 4411 */ FORCE_DISCONNECT: { code: 4411, retry: false, reason: 'The agent tears the call down at once.' },
  /** 4422 */ OUT_OF_ORDER: { code: 4422, retry: false, reason: 'A message that is not allowed at this point.' },
  /** 4424 */ BAD_AUDIO: {
    code: 4424,
    retry: false,
    reason: 'A binary message is not whole samples at the next position.',
  },
  /** 4425 */ CREDIT_EXCEEDED: { code: 4425, retry: false, reason: 'Audio was sent beyond the granted credit.' },
  /** 4428 */ SLOW_READER: { code: 4428, retry: true, reason: 'The peer does not read what it is sent.' },
  /** 4429 */ RATE_LIMITED: { code: 4429, retry: true, reason: 'Too many messages.' },
  /** 4504 */ LIVENESS_LOST: { code: 4504, retry: true, reason: 'Nothing was heard from the peer in time.' },
} as const;

/** A name of the one close-code table. */
export type CloseCodeName = keyof typeof closeCodes;
