import type { ErrorCode } from './error-codes.ts';

/** JSON body of an HTTP response that refuses an upgrade. */
export interface UpgradeRefusal {
  readonly code: ErrorCode | (string & {});
  readonly message: string;
}

/** HTTP status of a refused upgrade by error code; codes that are not here never refuse one. */
export const refusalStatuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  SUBPROTOCOL_UNSUPPORTED: 400,
  UNAUTHENTICATED: 401,
  INVALID_TOKEN: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  TAKEN_OVER: 409,
  RATE_LIMITED: 429,
  LIMIT_REACHED: 429,
  INTERNAL: 500,
  SHUTTING_DOWN: 503,
};
