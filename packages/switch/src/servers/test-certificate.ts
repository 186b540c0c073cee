import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A key pair, for certificates that share one. */
export interface TestKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** What a test certificate says. */
export interface TestCertificateOptions {
  /** Default: fresh ones. */
  readonly keys?: TestKeys;
  /** Default: one hour ahead. Whole seconds. */
  readonly notAfter?: Date;
}

/** Fresh keys. */
export function createTestKeys(): TestKeys {
  return generateKeyPairSync('ed25519');
}

/** PEM of a self-signed certificate with these common names. A memory network counts it as verified. */
export function createTestCertificate(
  commonNames: string | readonly string[],
  options: TestCertificateOptions = {},
): string {
  const { keys = createTestKeys(), notAfter = new Date(Date.now() + 3_600_000) } = options;
  const names = [commonNames].flat().map((name) => der(0x31, der(0x30, commonNameOid, der(0x0c, Buffer.from(name)))));
  const subject = der(0x30, ...names);
  const serial = der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)]));
  const validity = der(0x30, utcTime(new Date(0)), utcTime(notAfter));
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' });
  const body = der(0x30, serial, ed25519, subject, validity, subject, publicKey);
  const signature = der(0x03, Buffer.of(0), sign(null, body, keys.privateKey));
  const base64 = der(0x30, body, ed25519, signature).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

const commonNameOid = Buffer.from('0603550403', 'hex');
const ed25519 = Buffer.from('300506032b6570', 'hex');

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

function utcTime(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
}
