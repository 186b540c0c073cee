import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SocketTls } from '@agentao/transport';
import { invalidConfig } from './config-checks.ts';

/** Where the PEM files lie. */
export interface CredentialPaths {
  readonly certPath: string;
  readonly keyPath: string;
  readonly caPath?: string;
}

/** Texts that belong together. */
export interface CertificateTexts extends SocketTls {
  readonly cert: string;
  readonly key: string;
}

/** Reads and checks the files, so that a bad one fails at the start and not at the first connection. */
export function readCredentialFiles({ certPath, keyPath, caPath }: CredentialPaths): CertificateTexts {
  const cert = readPem('certPath', certPath);
  const key = readPem('keyPath', keyPath);
  const certificate = parse('certPath', () => new X509Certificate(cert));
  const privateKey = parse('keyPath', () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) throw invalidConfig('keyPath does not hold the key of certPath');
  if (caPath === undefined) return { cert, key };
  const ca = readPem('caPath', caPath);
  parse('caPath', () => new X509Certificate(ca));
  return { cert, key, ca };
}

function readPem(option: string, path: unknown): string {
  if (typeof path !== 'string' || path === '') throw invalidConfig(`${option} must be the path of a PEM file`);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalidConfig(`${option} cannot be read: ${path}`, cause);
  }
}

function parse<T>(option: string, read: () => T): T {
  try {
    return read();
  } catch {
    // The parser's own error is left out, since it may quote what it has read.
    throw invalidConfig(`${option} does not hold a PEM file of its kind`);
  }
}
