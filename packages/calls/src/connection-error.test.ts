import { SocketOpenError, type SocketOpenErrorCode } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { closeError, isRefusal, openError } from './connection-error.ts';
import { WSSAuthenticationError, WSSConnectionError, type WSSError } from './errors.ts';
import { cleanerOf } from './peer-text.ts';

const clean = cleanerOf(undefined);

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
    const error = openError(from, clean);
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject({ code: as, retryable, message: 'why', cause: from });
  });

  it('is the refusal with the reason of the switch', () => {
    const body = JSON.stringify({ code: 'UNAUTHENTICATED', message: 'the client certificate has expired' });
    const error = openError(new SocketOpenError('REFUSED', 'x', { status: 401, body }), clean);
    expect(error).toBeInstanceOf(WSSAuthenticationError);
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false });
    expect(error.message).toContain('the client certificate has expired');
  });
});

describe('what ends the attempts to connect again', () => {
  it.each<[SocketOpenErrorCode, { readonly status?: number; readonly cause?: unknown }, boolean]>([
    ['REFUSED', { status: 401 }, true],
    ['REFUSED', { status: 404 }, true],
    ['CERTIFICATE_REFUSED', {}, true],
    ['REFUSED', { status: 429 }, false],
    ['REFUSED', { status: 503 }, false],
    ['PROTOCOL', {}, false],
    ['TLS', {}, false],
    ['TLS', { cause: hungUp }, false],
    ['TIMEOUT', {}, false],
    ['UNREACHABLE', {}, false],
  ])('%s %o: %s', (code, options, final) => {
    expect(isRefusal(openError(new SocketOpenError(code, 'why', options), clean))).toBe(final);
  });

  it('is a close code whose retry is no, and no fault of this side', () => {
    expect([4401, 4400, 1006, 1001].map((code) => isRefusal(closeError({ code, reason: '' })))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isRefusal(openError(new Error('a fault'), clean))).toBe(false);
  });
});

describe('the error for a control connection that was closed', () => {
  it('with 4401 is one of authentication, without a retry', () => {
    const error = closeError({ code: 4401, reason: '' });
    expect(error).toBeInstanceOf(WSSAuthenticationError);
    expect(error).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false });
  });
});
