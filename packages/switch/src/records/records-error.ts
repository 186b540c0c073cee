/**
 * Why records cannot be kept or read: `FOLDER_UNUSABLE` the folder is missing, no folder, or may not be written; `IN_USE` another process
 * keeps its records there; `DATABASE_UNUSABLE` the database is damaged, locked or of a newer version; `NOT_FOUND` there is no such call or recording;
 * `WORKER_MISSING` the package is not installed as it was published.
 */
export type RecordsErrorCode = 'FOLDER_UNUSABLE' | 'IN_USE' | 'DATABASE_UNUSABLE' | 'NOT_FOUND' | 'WORKER_MISSING';

/** Records that cannot be kept or read; the message names the option and says what to do. */
export class RecordsError extends Error {
  override readonly name = 'RecordsError';
  readonly code: RecordsErrorCode;
  /** Whether the same may succeed later, with nothing changed. */
  readonly retryable: boolean;

  constructor(code: RecordsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = code === 'IN_USE';
  }
}
