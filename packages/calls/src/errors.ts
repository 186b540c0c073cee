import type { ErrorCode } from '@agentao/protocol';

/** Own name of an error class, on its prototype: what `instanceof` compares, so that two installed copies agree. */
const brand: unique symbol = Symbol.for('agentao.calls.error');

/** What every error of this package is made of. */
export interface WSSErrorOptions {
  readonly code: string;
  /** Whether the same request may succeed later. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Base of every error of this package. `code` is for programs, the message for people. */
export class WSSError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, options: WSSErrorOptions) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = options.code;
    this.retryable = options.retryable ?? false;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const name = Object.hasOwn(this.prototype, brand) ? brandOf(this.prototype) : undefined;
    if (name === undefined) return Function.prototype[Symbol.hasInstance].call(this, value);
    if (typeof value !== 'object' || value === null) return false;
    let prototype: unknown = Object.getPrototypeOf(value);
    while (typeof prototype === 'object' && prototype !== null) {
      if (Object.hasOwn(prototype, brand) && brandOf(prototype) === name) return true;
      prototype = Object.getPrototypeOf(prototype);
    }
    return false;
  }
}

/** The control connection, or an attempt at it, has failed. */
export class WSSConnectionError extends WSSError {}

/** The API key or the client certificate was refused. */
export class WSSAuthenticationError extends WSSError {}

/** A call's media connection cannot be made, or is lost for good. */
export class WSSMediaError extends WSSError {}

/** The outgoing audio ring has no room for all of it; nothing was queued. Code `BUFFER_FULL`. */
export class BufferFullError extends WSSError {
  /** Bytes the ring can hold. */
  readonly capacityBytes: number;
  /** Bytes it holds now. */
  readonly queuedBytes: number;

  constructor(message: string, options: { readonly capacityBytes: number; readonly queuedBytes: number }) {
    super(message, { code: 'BUFFER_FULL', retryable: true });
    this.capacityBytes = options.capacityBytes;
    this.queuedBytes = options.queuedBytes;
  }
}

/** Audio for a call that has ended. Code `BUFFER_CLOSED`. */
export class BufferClosedError extends WSSError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, { ...options, code: 'BUFFER_CLOSED' });
  }
}

/** Something about one call. */
export class WSSCallError extends WSSError {
  readonly callId: string;

  constructor(message: string, options: WSSErrorOptions & { readonly callId: string }) {
    super(message, options);
    this.callId = options.callId;
  }
}

/** A verb on a call that has ended, or that ended before the verb was answered. Code `CALL_ENDED`. */
export class WSSCallClosedError extends WSSCallError {
  constructor(message: string, options: { readonly callId: string; readonly cause?: unknown }) {
    super(message, { ...options, code: 'CALL_ENDED' });
  }
}

/** The switch refused a verb; the call goes on. `errorCode` is also the `code`. */
export class WSSCallCommandError extends WSSCallError {
  readonly errorCode: ErrorCode | (string & {});
  readonly errorMessage: string;

  constructor(
    errorCode: ErrorCode | (string & {}),
    errorMessage: string,
    options: { readonly callId: string; readonly cause?: unknown },
  ) {
    super(`${errorCode}: ${errorMessage}`, { ...options, code: errorCode, retryable: passing.has(errorCode) });
    this.errorCode = errorCode;
    this.errorMessage = errorMessage;
  }
}

/** A verb was not answered in time. The call goes on, and a late success still shows in its events. Code `COMMAND_TIMEOUT`. */
export class WSSCallCommandTimeoutError extends WSSCallError {
  constructor(message: string, options: { readonly callId: string }) {
    super(message, { ...options, code: 'COMMAND_TIMEOUT' });
  }
}

/** Refusals that may not last. */
const passing: ReadonlySet<string> = new Set([
  'CALL_UNANSWERED',
  'CALL_REJECTED',
  'LIMIT_REACHED',
  'RATE_LIMITED',
  'INTERNAL',
]);

const classes = {
  WSSError,
  WSSConnectionError,
  WSSAuthenticationError,
  WSSMediaError,
  BufferFullError,
  BufferClosedError,
  WSSCallError,
  WSSCallClosedError,
  WSSCallCommandError,
  WSSCallCommandTimeoutError,
};

for (const [name, { prototype }] of Object.entries(classes)) {
  Object.defineProperty(prototype, brand, { value: name });
  Object.defineProperty(prototype, 'name', { value: name, configurable: true, writable: true });
}

function brandOf(prototype: object): unknown {
  return (prototype as { readonly [brand]?: unknown })[brand];
}

/** `value` if it is an error, else an error that says what was thrown. Throws nothing, whatever was thrown. */
export function toError(value: unknown): Error {
  try {
    return value instanceof Error ? value : new Error(`not an Error was thrown: ${String(value)}`, { cause: value });
  } catch {
    return new Error('not an Error was thrown, and nothing that has a text', { cause: value });
  }
}

/** Whether `error` only says that a call has ended: no failure of whoever was still at work then. */
export function tellsOfTheEnd(error: unknown): boolean {
  if (error instanceof WSSCallClosedError || error instanceof BufferClosedError) return true;
  // A lost connection ends the call; what waits on the signal of the call is told so by its kind of error.
  return error instanceof WSSMediaError || (error instanceof Error && error.name === 'AbortError');
}

/** The error for a bad argument, named. Code `INVALID_ARGUMENT`. */
export function invalidArgument(message: string, cause?: unknown): WSSError {
  return new WSSError(message, { code: 'INVALID_ARGUMENT', ...(cause === undefined ? {} : { cause }) });
}
