/** Why nothing can be tried on a switch. */
export type SwitchTestErrorCode =
  | 'BAD_URL'
  | 'UNREACHABLE'
  | 'UNAVAILABLE'
  | 'KEY_REFUSED'
  | 'OPERATOR_REFUSED'
  | 'NO_SWITCH';

/** Nothing can be tried; `message` says what to do. */
export class SwitchTestError extends Error {
  override readonly name = 'SwitchTestError';
  readonly code: SwitchTestErrorCode;

  constructor(code: SwitchTestErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
