import { certificateFault, clientCertificateAlert } from './certificate-faults.ts';
import { SocketOpenError } from './socket.ts';

/** How far an opening had come when it failed. */
export interface OpeningState {
  readonly url: string;
  /** The TLS handshake was done, as seen from this side. */
  readonly secured: boolean;
  /** A client certificate was shown. */
  readonly certified: boolean;
}

/** Node's codes for a peer that cannot be reached or has gone away. */
const networkCodes: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Codes of an answer that is no TLS. */
const notTlsCodes: ReadonlySet<string> = new Set([
  'EPROTO',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** Makes the typed error of what ws or Node says about a failed opening. */
export function toOpenError(cause: unknown, state: OpeningState): SocketOpenError {
  const { url, secured, certified } = state;
  const text = cause instanceof Error ? cause.message.trim() : String(cause);
  const code = errorCode(cause);
  if (networkCodes.has(code)) {
    // In TLS 1.3 a server looks at the client certificate when the handshake is done here; some hang up then, without a word.
    if (secured && certified) {
      const message = `${url} hung up after the TLS handshake; it may not trust this client certificate`;
      return new SocketOpenError('TLS', message, { cause });
    }
    // A port that speaks TLS hangs up on whoever does not.
    const hint = code === 'ECONNRESET' && url.startsWith('ws:') ? '; if it serves wss://, the URL has to say so' : '';
    // A host with several addresses fails with an empty text.
    return new SocketOpenError('UNREACHABLE', `${url} is not reachable: ${text || code}${hint}`, { cause });
  }
  // ws's own errors have no code, Node's HTTP errors are told by theirs; whatever is left comes from TLS or a certificate.
  if (code === '' || /^(HPE|ERR_INVALID|ERR_HTTP)_/.test(code) || !url.startsWith('wss:')) {
    return new SocketOpenError('PROTOCOL', `${url} does not answer as a WebSocket server: ${text}`, { cause });
  }
  const refused = clientCertificateAlert({ code, text });
  if (refused !== undefined) {
    return new SocketOpenError('CERTIFICATE_REFUSED', `${url} refused the connection: ${refused}`, { cause });
  }
  const fault = certificateFault(code);
  if (fault !== undefined) {
    const message = `the certificate of ${url} ${fault}: ${text}`;
    return new SocketOpenError('TLS', message, { cause: withoutCertificate(cause, { code, text }) });
  }
  if (notTlsCodes.has(code)) {
    const message = `what answers at ${url} does not speak TLS; if it serves ws://, the URL has to say so`;
    return new SocketOpenError('TLS', message, { cause });
  }
  return new SocketOpenError('TLS', `TLS with ${url} failed: ${text}`, { cause });
}

/** Node hangs the certificate on its error, and errors get logged. */
function withoutCertificate(cause: unknown, { code, text }: { readonly code: string; readonly text: string }): unknown {
  if (typeof cause !== 'object' || cause === null || !('cert' in cause)) return cause;
  return Object.assign(new Error(text), { code });
}

function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
