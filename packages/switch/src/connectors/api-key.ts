import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What the switch keeps of an API key. The secret cannot be had from it. */
export interface StoredApiKey {
  /** Public part of the key: for look-up, logs and revoking. */
  readonly keyId: string;
  /** SHA-256 of the whole key, 64 hex digits. */
  readonly sha256: string;
}

/** A fresh API key. `key` is shown once and never stored. */
export interface NewApiKey {
  /** `ak_<keyId>_<secret>`. */
  readonly key: string;
  readonly stored: StoredApiKey;
}

/** Creates an API key with 256 random bits. */
export function createApiKey(): NewApiKey {
  const keyId = randomBytes(8).toString('hex');
  const key = `ak_${keyId}_${randomBytes(32).toString('hex')}`;
  return { key, stored: { keyId, sha256: sha256Hex(key) } };
}

/** A fresh operator token: opens phone sockets. `token` is shown once and never stored. */
export interface NewOperatorToken {
  readonly token: string;
  /** SHA-256 of the token, 64 hex digits. */
  readonly sha256: string;
}

/** Creates an operator token with 256 random bits. */
export function createOperatorToken(): NewOperatorToken {
  const token = `op_${randomBytes(32).toString('hex')}`;
  return { token, sha256: sha256Hex(token) };
}

/** The key id of something shaped like an API key. */
export function keyIdOf(key: string): string | undefined {
  return /^ak_([0-9A-Za-z-]{1,64})_./.exec(key)?.[1];
}

/** SHA-256 of a text, 64 hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Whether `text` hashes to `sha256`; takes as long for a wrong text as for the right one. */
export function matchesSha256(text: string, sha256: string): boolean {
  const expected = Buffer.from(sha256, 'hex');
  const actual = createHash('sha256').update(text).digest();
  return expected.length === actual.length && timingSafeEqual(actual, expected);
}

/** Whether `text` can be a stored SHA-256. */
export function isSha256Hex(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
