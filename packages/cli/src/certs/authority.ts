import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface CertifiedKey {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** What a certificate is for. */
export interface IssueOptions {
  readonly commonName: string;
  readonly role: 'server' | 'client';
  /** DNS names and IP addresses of a server. */
  readonly hosts: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes an authority for development: it signs certificates of servers and clients, and no other authority. */
export async function createAuthority(
  commonName: string,
  validity: Pick<IssueOptions, 'notBefore' | 'notAfter'>,
): Promise<CertifiedKey> {
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: ecdsa,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: pemText(certificate), keyPem: await exportKey(keys.privateKey) };
}

/** Makes a key and a certificate for it, signed by an authority. Throws where the authority's files are not usable. */
export async function issueCertificate(authority: CertifiedKey, options: IssueOptions): Promise<CertifiedKey> {
  const { commonName, role, hosts, notBefore, notAfter } = options;
  const issuer = new X509Certificate(authority.certificatePem);
  const keys = await createKeys();
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([role === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
    await SubjectKeyIdentifierExtension.create(keys.publicKey),
    await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
  ];
  if (hosts.length > 0) {
    const names = hosts.map((host) => ({ type: isIP(host) > 0 ? ('ip' as const) : ('dns' as const), value: host }));
    extensions.push(new SubjectAlternativeNameExtension(names));
  }
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${commonName}`,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.keyPem),
    signingAlgorithm: ecdsa,
    notBefore,
    notAfter,
    extensions,
  });
  return { certificatePem: pemText(certificate), keyPem: await exportKey(keys.privateKey) };
}

function pemText(certificate: X509Certificate): string {
  return `${certificate.toString('pem').trimEnd()}\n`;
}

async function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, ecdsa, false, ['sign']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}
