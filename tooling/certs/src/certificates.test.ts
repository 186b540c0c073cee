import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAuthority, createCertificates, type Certificates, type Identity } from './index.ts';

/** The common name the server saw, or why it distrusts the certificate. */
async function handshake(server: Certificates, client: Identity | undefined): Promise<string> {
  const listener = createServer({
    ca: server.authorityPem,
    cert: server.server.certificatePem,
    key: server.server.keyPem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const socket = connect({
    port: (listener.address() as AddressInfo).port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: server.authorityPem,
    ...(client ? { cert: client.certificatePem, key: client.keyPem } : {}),
  });
  try {
    const [peer] = (await once(listener, 'secureConnection')) as [TLSSocket];
    const verdict = peer.authorized ? String(peer.getPeerCertificate().subject.CN) : String(peer.authorizationError);
    peer.destroy();
    return verdict;
  } finally {
    socket.destroy();
    listener.close();
    await once(listener, 'close');
  }
}

describe('certificates made at run time', () => {
  it('let a client of the same authority in under its common name', async () => {
    const certificates = await createCertificates();
    expect(await handshake(certificates, certificates.client)).toBe('test-client');
  });

  it('are refused from another authority, after their last day and when missing', async () => {
    const authority = await createAuthority();
    const certificates: Certificates = {
      authorityPem: authority.certificatePem,
      server: await authority.issue({ commonName: 'localhost', role: 'server' }),
      client: await authority.issue({ commonName: 'late', role: 'client', notAfter: new Date(Date.now() - 60_000) }),
    };
    expect(await handshake(certificates, certificates.client)).toBe('CERT_HAS_EXPIRED');
    expect(await handshake(certificates, (await createCertificates()).client)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    expect(await handshake(certificates, undefined)).toBe('UNABLE_TO_GET_ISSUER_CERT');
    expect(await handshake(certificates, certificates.server)).toBe('INVALID_PURPOSE');
  });

  it('carry the hosts they are good for', async () => {
    const authority = await createAuthority();
    const identity = await authority.issue({
      commonName: 'switch',
      role: 'server',
      hosts: ['switch.test', '127.0.0.2'],
    });
    const certificate = new X509Certificate(identity.certificatePem);
    expect(certificate.checkHost('switch.test')).toBe('switch.test');
    expect(certificate.checkIP('127.0.0.2')).toBe('127.0.0.2');
    expect(certificate.checkHost('localhost')).toBeUndefined();
  });
});
