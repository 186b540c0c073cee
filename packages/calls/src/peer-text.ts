import { limits } from '@agentao/protocol';
import { SocketOpenError } from '@agentao/transport';

/** Longest text of a peer that gets into an error. */
const longest = limits.textLength;

/** What is shorter is no secret, and may be part of any text. */
const leastSecret = 8;

/** What ends a line, steers a terminal or turns the direction of writing. */
const steering = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** `text` as one line that steers no terminal: such characters as `\u001b`. */
export function oneLine(text: string): string {
  return text.replace(steering, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Makes what a peer says fit for errors and logs. */
export type CleanPeerText = (text: string) => string;

/** What a peer says, in one line, not too long, and without the credential that it was shown as `authorization`: a peer may say that back. */
export function cleanerOf(authorization: string | undefined): CleanPeerText {
  const token = authorization?.replace(/^Bearer /, '') ?? '';
  // The secret of a key (`ak_<keyId>_<secret>`) without what goes before it is one too.
  const secrets = [token, token.split('_').slice(2).join('_')].filter(({ length }) => length >= leastSecret);
  return (text) => {
    const without = secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
    return oneLine(without.length > longest ? `${without.slice(0, longest)}…` : without);
  };
}

/** The failed opening without what the peer must not bring into an error. */
export function cleanOpenError(error: SocketOpenError, clean: CleanPeerText): SocketOpenError {
  const { code, status, body, cause } = error;
  return new SocketOpenError(code, clean(error.message), {
    ...(status === undefined ? {} : { status }),
    ...(body === undefined ? {} : { body: clean(body) }),
    cause: cleanCause(cause, clean),
  });
}

/** Node hangs what it has read on its errors; text and code are what people need. */
function cleanCause(cause: unknown, clean: CleanPeerText): unknown {
  if (!(cause instanceof Error)) return cause;
  const cleaned = new Error(clean(cause.message));
  cleaned.name = cause.name;
  return 'code' in cause && typeof cause.code === 'string' ? Object.assign(cleaned, { code: cause.code }) : cleaned;
}
