import { createHash, X509Certificate } from 'node:crypto';
import { isSha256Hex } from './api-key.ts';

/** What a switch knows a client certificate by. */
export interface ClientCertificate {
  /** The one common name of its subject: who the client is, for as long as the authority of the server vouches for it. */
  readonly commonName: string;
  /** SHA-256 of its public key (SubjectPublicKeyInfo, DER), 64 hex digits: what is revoked when its private key is no longer one. */
  readonly publicKeySha256: string;
  /** When it expires, Unix milliseconds. */
  readonly notAfterMs: number;
}

/** Client certificates as a connector lists them: all that the authority of the server has issued under this name. */
export interface CertificateName {
  readonly commonName: string;
}

/** Which certificates are no longer good: those with one public key, or those under one name. */
export type RevokedCertificate =
  | { readonly publicKeySha256: string }
  | { readonly commonName: string; readonly publicKeySha256?: undefined };

/** Reads a certificate, e.g. to find out what to revoke. Throws a TypeError unless `pem` is a certificate with one common name. */
export function describeCertificate(pem: string): ClientCertificate {
  const certificate = readClientCertificate(pem);
  if (certificate === undefined) throw new TypeError('this is no PEM of a certificate with one common name');
  return certificate;
}

/** The same for a certificate that a peer has shown; `undefined` if it says nothing that a client could be known by. */
export function readClientCertificate(pem: string): ClientCertificate | undefined {
  try {
    const certificate = new X509Certificate(pem);
    const subject = certificate.toLegacyObject().subject as { readonly CN?: unknown } | undefined;
    const commonName = subject?.CN;
    // Several names are an array: none of them is the one.
    if (typeof commonName !== 'string' || !isCommonName(commonName)) return undefined;
    const notAfterMs = certificate.validToDate.getTime();
    if (!Number.isFinite(notAfterMs)) return undefined;
    const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
    return { commonName, publicKeySha256: createHash('sha256').update(publicKey).digest('hex'), notAfterMs };
  } catch {
    return undefined;
  }
}

/** Whether `revoked` is about this certificate. */
export function concerns(revoked: RevokedCertificate, certificate: ClientCertificate | undefined): boolean {
  if (certificate === undefined) return false;
  const { publicKeySha256, commonName } = certificate;
  return revoked.publicKeySha256 === undefined
    ? revoked.commonName === commonName
    : revoked.publicKeySha256 === publicKeySha256;
}

/** Whether `text` can be the name of a client: 1 to 128 characters, none of them a control character. */
export function isCommonName(text: string): boolean {
  return /^[^\p{Cc}]{1,128}$/u.test(text);
}

/** Throws a TypeError unless `revoked` names certificates. */
export function checkRevokedCertificate(revoked: RevokedCertificate): void {
  const { publicKeySha256, commonName } = { commonName: undefined, ...revoked };
  if (publicKeySha256 !== undefined) checkPublicKeySha256('revokeCertificate: publicKeySha256', publicKeySha256);
  else if (typeof commonName !== 'string') throw new TypeError('revokeCertificate: give publicKeySha256 or commonName');
}

/** Throws a TypeError that begins with `name` unless `text` is a SHA-256 as 64 hex digits. */
export function checkPublicKeySha256(name: string, text: unknown): void {
  if (typeof text === 'string' && isSha256Hex(text)) return;
  throw new TypeError(`${name} must be the SHA-256 of a public key, 64 hex digits in lower case`);
}
