/**
 * Why a WAV could not be read: `NOT_WAV` is some other kind of file, `UNSUPPORTED` a WAV of a kind that is not decoded here,
 * `MALFORMED` contradicts itself, `TRUNCATED` ends before its first sample.
 */
export type WavErrorCode = 'NOT_WAV' | 'UNSUPPORTED' | 'MALFORMED' | 'TRUNCATED';

/** A WAV that cannot be read; the message says what it is and what to do. */
export class WavError extends Error {
  override readonly name = 'WavError';
  readonly code: WavErrorCode;
  /** The same bytes fail again. */
  readonly retryable = false;

  constructor(code: WavErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
