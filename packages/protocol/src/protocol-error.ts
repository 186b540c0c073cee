import { type CloseCodeName, closeCodes } from './close-codes.ts';

/**
 * The peer broke the protocol. The owner of the socket closes it with `closeCodes[error.closeCode]`.
 * The message is for logs: bounded, without the value that was refused.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code = 'PROTOCOL_ERROR';
  readonly closeCode: CloseCodeName;

  constructor(closeCode: CloseCodeName, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.closeCode = closeCode;
  }

  /** Whether a new connection may fare better. */
  get retryable(): boolean {
    return closeCodes[this.closeCode].retry;
  }
}
