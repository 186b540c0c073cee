/** Why a server does not listen. */
export type ListenErrorCode = 'PORT_IN_USE' | 'ADDRESS_UNAVAILABLE' | 'LISTEN_FAILED';

/** A server could not be started; the message says what to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: ListenErrorCode;

  constructor(code: ListenErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
  }
}
