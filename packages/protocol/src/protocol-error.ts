import { type CloseCodeName, closeCodes } from './close-codes.ts';

const longestMessage = 120;

/**
 * The peer broke the protocol. The owner of the socket closes it with `closeCodes[error.closeCode]`.
 * The message is cut to 120 characters, so that it fits into a close frame where it is ASCII, and quotes nothing of the peer's.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code = 'PROTOCOL_ERROR';
  readonly closeCode: CloseCodeName;

  constructor(closeCode: CloseCodeName, message: string, options?: { readonly cause?: unknown }) {
    super(message.slice(0, longestMessage), options);
    this.closeCode = closeCode;
  }

  /** Whether a new connection may fare better. */
  get retryable(): boolean {
    return closeCodes[this.closeCode].retry;
  }
}
