import { describe, expect, it } from 'vitest';
import { SocketOpenError } from './socket.ts';
import { type OpeningState, toOpenError } from './ws-open-error.ts';

const state: OpeningState = { url: 'wss://switch.example/control', secured: true, certified: true };

/** As Node makes them. */
function nodeError(code: string, message = 'as OpenSSL puts it'): Error {
  return Object.assign(new Error(message), { code });
}

const inHandshake = (number: number): Error =>
  nodeError(
    'EPROTO',
    `write EPROTO 40:error:0A000415:SSL routines:ssl3_read_bytes:x:rec.c:9:SSL alert number ${number}\n`,
  );

describe('a client certificate that the server refuses by an alert', () => {
  it.each<[string, Error, RegExp]>([
    ['that none was sent', nodeError('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), /shown none/],
    ['expired', nodeError('ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED'), /expired/],
    ['expired, by an older OpenSSL', nodeError('ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED'), /expired/],
    ['revoked', nodeError('ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED'), /revoked/],
    ['an unknown authority', nodeError('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), /unknown authority/],
    ['a kind it does not take', nodeError('ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE'), /kind/],
    ['bad', nodeError('ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE'), /broken/],
    ['not allowed', nodeError('ERR_SSL_TLSV1_ALERT_ACCESS_DENIED'), /not allowed/],
    ['expired, in the handshake of TLS 1.2', inHandshake(45), /expired/],
    ['an unknown authority, in the handshake of TLS 1.2', inHandshake(48), /unknown authority/],
  ])('is told as such: %s', (_, cause, message) => {
    const error = toOpenError(cause, state);
    expect(error).toMatchObject({ code: 'CERTIFICATE_REFUSED', cause });
    expect(error.message).toMatch(message);
  });

  it.each([
    nodeError('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'),
    nodeError('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'),
    nodeError('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR'),
    inHandshake(40),
    nodeError('ERR_SSL_WRONG_VERSION_NUMBER'),
  ])('is not what another failure of TLS is: $code', (cause) => {
    expect(toOpenError(cause, state)).toMatchObject({ code: 'TLS', cause });
  });
});

describe('a server certificate that is not accepted here', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'has expired'],
    ['CERT_NOT_YET_VALID', 'is not valid yet'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'is of an unknown authority'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'is of an unknown authority'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another host name'],
  ])('is told in words for %s', (code, words) => {
    const error = toOpenError(nodeError(code), { ...state, secured: false });
    expect(error.code).toBe('TLS');
    expect(error.message).toContain(`the certificate of wss://switch.example/control ${words}`);
  });

  it('is not carried along, since errors get logged', () => {
    const cause = Object.assign(nodeError('ERR_TLS_CERT_ALTNAME_INVALID', 'why'), { cert: { raw: 'the certificate' } });
    const error = toOpenError(cause, { ...state, secured: false });
    expect(error).toBeInstanceOf(SocketOpenError);
    expect(error.cause).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: 'why' });
    expect(error.cause).not.toHaveProperty('cert');
  });
});
