import { type CloseCodeName, closeCodes } from '@agentao/protocol';
import { type SocketClose, SocketOpenError } from '@agentao/transport';
import { toError, WSSAuthenticationError, WSSConnectionError, type WSSError } from './errors.ts';
import { cleanOpenError, type CleanPeerText } from './peer-text.ts';

/** What a switch says of a refusal. */
export interface Said {
  readonly code: string;
  readonly message: string;
}

/** The typed error for a control connection that did not open; `clean` is for what the peer has said. */
export function openError(error: unknown, clean: CleanPeerText): WSSError {
  if (!(error instanceof SocketOpenError)) {
    const cause = toError(error);
    return new WSSConnectionError(`the control connection did not open: ${cause.message}`, {
      code: 'UNREACHABLE',
      cause,
    });
  }
  const cause = cleanOpenError(error, clean);
  const { code, message, status } = cause;
  if (code === 'REFUSED') return refusal(cause, readBody(error.body, clean));
  if (code === 'CERTIFICATE_REFUSED') return new WSSAuthenticationError(message, { code, cause });
  if (code === 'TLS' && isHangUp(cause.cause)) {
    // A switch that restarts hangs up in the same place, so a later attempt may succeed.
    return new WSSAuthenticationError(message, { code: 'CERTIFICATE_REFUSED', retryable: true, cause });
  }
  const retryable = code === 'UNREACHABLE' || code === 'TIMEOUT';
  return new WSSConnectionError(status === undefined ? message : `${message} (${status})`, { code, retryable, cause });
}

/**
 * Whether the peer has said no for good, by a refusal or a close code. Only who has been understood can have done so: that something else answers,
 * or what is wrong with the peer's TLS, may be mended there.
 */
export function isRefusal({ retryable, cause }: WSSError): boolean {
  if (retryable || cause === undefined) return !retryable;
  return cause instanceof SocketOpenError && (cause.code === 'REFUSED' || cause.code === 'CERTIFICATE_REFUSED');
}

/** The typed error for a control connection that was closed. `said` is the last `error` message of the switch, cleaned. */
export function closeError({ code }: SocketClose, said?: Said): WSSError {
  const [name, { reason, retry }] = Object.entries(closeCodes).find(([, entry]) => entry.code === code) ?? [
    'CONNECTION_LOST',
    { reason: 'The connection was lost.', retry: true },
  ];
  const text = said === undefined ? reason : `${reason} ${said.message}`;
  const options = { code: said?.code ?? name, retryable: retry };
  const refused: readonly string[] = ['UNAUTHENTICATED', 'FORBIDDEN'] satisfies CloseCodeName[];
  return refused.includes(name) ? new WSSAuthenticationError(text, options) : new WSSConnectionError(text, options);
}

function refusal(cause: SocketOpenError, said: Said | undefined): WSSError {
  const { status = 0 } = cause;
  const text = `the switch refused the control connection with ${status}: ${said?.message ?? 'no reason given'}`;
  if (status === 401 || status === 403) {
    const code = said?.code ?? (status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN');
    return new WSSAuthenticationError(text, { code, cause });
  }
  const retryable = status === 429 || status >= 500;
  return new WSSConnectionError(text, { code: said?.code ?? 'REFUSED', retryable, cause });
}

/** `{ code, message }` of a refusal, where the peer is a switch. */
function readBody(body: string | undefined, clean: CleanPeerText): Said | undefined {
  try {
    const value: unknown = JSON.parse(body ?? '');
    if (typeof value !== 'object' || value === null || !('code' in value) || !('message' in value)) return undefined;
    const { code, message } = value;
    return typeof code === 'string' && typeof message === 'string'
      ? { code: clean(code), message: clean(message) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The peer went away right behind the handshake, as one does that does not want the certificate. */
function isHangUp(cause: unknown): boolean {
  return codeOf(cause) === 'ECONNRESET' || codeOf(cause) === 'EPIPE';
}

function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return '';
  return typeof cause.code === 'string' ? cause.code : '';
}
