/** What went wrong on a phone's line: what was waited for did not come, was refused, or the socket is gone. */
export type PhoneErrorCode = 'TIMEOUT' | 'REFUSED' | 'ENDED' | 'CLOSED';

/** A phone's wait that did not end as hoped. The message is for people. */
export class PhoneError extends Error {
  override readonly name = 'PhoneError';
  readonly code: PhoneErrorCode;

  constructor(code: PhoneErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
