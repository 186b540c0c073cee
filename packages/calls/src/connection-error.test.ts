import { SocketOpenError, type SocketOpenErrorCode } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { closeError, openError } from './connection-error.ts';
import { WSSAuthenticationError, WSSConnectionError, type WSSError } from './errors.ts';

const hungUp = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

describe('the error for a control connection that did not open', () => {
  it.each<[SocketOpenErrorCode, unknown, typeof WSSError, string, boolean]>([
    ['CERTIFICATE_REFUSED', undefined, WSSAuthenticationError, 'CERTIFICATE_REFUSED', false],
    ['TLS', hungUp, WSSAuthenticationError, 'CERTIFICATE_REFUSED', true],
    ['TLS', Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' }), WSSConnectionError, 'TLS', false],
    ['TLS', undefined, WSSConnectionError, 'TLS', false],
    ['UNREACHABLE', hungUp, WSSConnectionError, 'UNREACHABLE', true],
    ['TIMEOUT', undefined, WSSConnectionError, 'TIMEOUT', true],
    ['PROTOCOL', undefined, WSSConnectionError, 'PROTOCOL', false],
  ])('%s by %s', (code, cause, type, as, retryable) => {
    const from = new SocketOpenError(code, 'why', { cause });
    const error = openError(from);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code: as, retryable, message: 'why', cause: from });
  });

  it('is the refusal with the reason of the switch', () => {
    const body = JSON.stringify({ code: 'UNAUTHENTICATED', message: 'the client certificate has expired' });
    const error = openError(new SocketOpenError('REFUSED', 'x', { status: 401, body }));
    expect(error).toBeInstanceOf(WSSAuthenticationError);
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false });
    expect(error.message).toContain('the client certificate has expired');
  });
});

describe('the error for a control connection that was closed', () => {
  it('with 4401 is one of authentication, without a retry', () => {
    const error = closeError({ code: 4401, reason: '' });
    expect(error).toBeInstanceOf(WSSAuthenticationError);
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false });
  });
});
