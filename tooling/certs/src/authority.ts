import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { isIP } from 'node:net';

/** A certificate and its key, both PEM; the key is PKCS#8. They exist in memory only, unless the owner writes them. */
export interface Identity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** What a certificate is for. */
export interface IssueOptions {
  /** Subject common name; for a client this is its identity. */
  readonly commonName: string;
  readonly role: 'server' | 'client';
  /** DNS names and IP addresses the certificate is good for; default `localhost` and `127.0.0.1` for a server. */
  readonly hosts?: readonly string[];
  /** Default one hour ago. */
  readonly notBefore?: Date;
  /** Default one day ahead. */
  readonly notAfter?: Date;
}

/** A certificate authority that lives as long as the process. */
export interface Authority {
  /** What a peer has to trust. */
  readonly certificatePem: string;
  /** Makes a fresh key and a certificate signed by this authority. */
  issue(options: IssueOptions): Promise<Identity>;
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const hourMs = 3_600_000;

async function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

/** Makes a new authority; certificates of one are not trusted by peers of another. */
export async function createAuthority(name = 'AgenTao test authority'): Promise<Authority> {
  const keys = await createKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ecdsa,
    notBefore: new Date(Date.now() - 48 * hourMs),
    notAfter: new Date(Date.now() + 48 * hourMs),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificatePem: root.toString('pem'),
    async issue(options): Promise<Identity> {
      const { commonName, role, notBefore, notAfter } = options;
      const hosts = options.hosts ?? (role === 'server' ? ['localhost', '127.0.0.1'] : []);
      const own = await createKeys();
      const certificate = await X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ecdsa,
        notBefore: notBefore ?? new Date(Date.now() - hourMs),
        notAfter: notAfter ?? new Date(Date.now() + 24 * hourMs),
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([
            role === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
          ]),
          await SubjectKeyIdentifierExtension.create(own.publicKey),
          await AuthorityKeyIdentifierExtension.create(keys.publicKey),
          ...(hosts.length > 0
            ? [
                new SubjectAlternativeNameExtension(
                  hosts.map((host) => ({ type: isIP(host) > 0 ? 'ip' : 'dns', value: host })),
                ),
              ]
            : []),
        ],
      });
      return { certificatePem: certificate.toString('pem'), keyPem: await exportKey(own.privateKey) };
    },
  };
}
