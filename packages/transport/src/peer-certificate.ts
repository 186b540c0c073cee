import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { certificateFault } from './certificate-faults.ts';

/** What a client has shown in the TLS handshake: a certificate that is good now, or why there is none. */
export type PeerCertificate =
  | { readonly good: true; readonly pem: string }
  | { readonly good: false; readonly message: string };

/** Looks at the client certificate of a connection on which one was asked for, at wall time `nowMs`. */
export function readPeerCertificate(connection: Duplex, nowMs: number): PeerCertificate {
  if (!(connection instanceof TLSSocket)) return { good: false, message: 'a client certificate is needed' };
  const certificate = connection.getPeerX509Certificate();
  if (certificate === undefined) return { good: false, message: 'a client certificate is needed, and none was sent' };
  if (!connection.authorized) {
    // Node's types call it an error; it is the code.
    const code = String(connection.authorizationError);
    return { good: false, message: `the client certificate ${certificateFault(code) ?? `is not accepted (${code})`}` };
  }
  // The handshake may be an hour of requests ago.
  if (nowMs > certificate.validToDate.getTime()) return { good: false, message: 'the client certificate has expired' };
  return { good: true, pem: certificate.toString() };
}
